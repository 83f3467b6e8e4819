"""The algorithms of knowledge tracing, each as a record: how it learns, and how it is kept."""

from collections.abc import Mapping

from edupulse_core.families.family import Algorithm
from edupulse_core.families.tracing import bkt, blend, deep, regression
from edupulse_core.families.tracing.model import save

ALGORITHMS: Mapping[str, Algorithm] = {
    "history_lr": Algorithm(
        plan=regression.HistoryLrPlan,
        space=regression.history_lr_space,
        grid=regression.HISTORY_GRID,
        fit=regression.fit_history_lr,
        save=save,
        open=regression.open_version,
    ),
    "best_lr": Algorithm(
        plan=regression.BestLrPlan,
        space=regression.best_lr_space,
        grid=regression.GRID,
        fit=regression.fit_best_lr,
        save=save,
        open=regression.open_version,
    ),
    "pfa": Algorithm(
        plan=regression.PfaPlan,
        space=regression.pfa_space,
        grid=regression.GRID,
        fit=regression.fit_pfa,
        save=save,
        open=regression.open_version,
    ),
    "bkt": Algorithm(
        plan=bkt.BktPlan,
        space=bkt.space,
        grid=bkt.GRID,
        fit=bkt.fit,
        save=save,
        open=bkt.open_version,
    ),
    "dkt": Algorithm(
        plan=deep.DktPlan,
        space=deep.dkt_space,
        grid=deep.GRID,
        fit=deep.fit("dkt"),
        save=save,
        open=deep.open_version,
    ),
    "dkt_plus": Algorithm(
        plan=deep.DktPlusPlan,
        space=deep.dkt_plus_space,
        grid=deep.GRID,
        fit=deep.fit("dkt_plus"),
        save=save,
        open=deep.open_version,
    ),
    "blend": Algorithm(
        plan=blend.BlendPlan,
        space=blend.space,
        grid=blend.GRID,
        fit=blend.fit,
        save=save,
        open=blend.open_version,
    ),
}
