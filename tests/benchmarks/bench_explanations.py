"""How far explanations can be trusted: every way to explain, by every measure, side by side.

`edupulse bench explanations [--quick] [--json]`. On a fictional district that no
version has seen, against its planted causes. Two further networks are trained alike but for their
seed, and kept under the home's `data/training`, to see what another training would have said.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.metrics import infidelity, sensitivity_max
from numpy.typing import NDArray

from edupulse_core.config import Settings, load_settings
from edupulse_core.demo import SEED
from edupulse_core.families.risk import attribution, checkpoint, importance, parts, serve
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.agreement import NONE, PARTLY, STABLE, rank_correlation
from edupulse_core.families.risk.attribution import integrate
from edupulse_core.families.risk.explain import explain_all, reasons
from edupulse_core.families.risk.factors import RECENT
from edupulse_core.families.risk.network import RiskConfig, RiskNetwork
from edupulse_core.families.risk.parts import Parts
from edupulse_core.families.risk.shipping import SHIP_PLAN, Districts, labeled
from edupulse_core.features.catalogue import GROUPS
from edupulse_core.lifecycle.registry import active_version
from edupulse_core.warehouse import snapshots
from tests.benchmarks import methods, planted
from tests.benchmarks.command import carry_out
from tests.benchmarks.explanations_tables import tables
from tests.benchmarks.planted import Planted

CLEAR = 1.0  # of a planted cause: e times as many absences, incidents …, or ten marks
LEAST = 0.1  # of the logit; who is less apart from the typical week counts as this much apart
REMOVED = {"group": (1, 2, 4), "feature": (1, 2, 4, 8, 21), "week": (1, 2, 4, 10)}
TOP = {"group": 5, "feature": 5, "week": 5}
RADIUS = 0.05  # of a share, in sensitivity
SEEDS = (1, 2)
BLANKS = 5  # networks with randomized weights
SMALL = RiskConfig(hidden=8, projection=32, fusion=(16, 8), head=8)
Values = NDArray[np.float64]


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """All figures: attributions in logits, shares 0..1, correlations -1..1."""
    with tempfile.TemporaryDirectory() as place:
        return _run(settings, Path(place), quick)


def _run(settings: Settings, place: Path, quick: bool) -> dict[str, Any]:
    folder = active_version(settings, "risk")
    size, found = (60, 150) if quick else (150, 1500)
    test = _district(place / "test", SEED, date(2026, 11, 15), quick)
    known = _district(place / "known", 201, date(2026, 6, 14), quick)
    served = serve.load(folder, form="onnx")
    others = [serve.load(each, form="onnx") for each in _twins(settings, quick)]
    blanks = [serve.load(each, form="onnx") for each in _randomized(folder, place)]
    rng = np.random.default_rng(0)
    few = test.of(rng.permutation(len(test.values))[:size])
    clear = np.flatnonzero(test.by_group.max(axis=1) >= CLEAR)
    causes = test.of(rng.permutation(clear)[:found])
    return {
        "version": served.version,
        "quick": quick,
        "student_weeks": size,
        "methods": {kind: _compare(served, others, blanks, few, kind) for kind in TOP},
        "served": _served(settings, folder, served, others, few),
        "recall": _recall(served, causes) | {"ceiling": planted.ceiling(known, causes, CLEAR)},
        "badge": _badge(settings, folder, others, causes),
        "importance": _importance(place / "test", served, others, 150 if quick else 600),
    }


def _district(folder: Path, seed: int, end: date, quick: bool) -> Planted:
    students = 200 if quick else 1500 if seed != SEED else 1200
    return planted.read(
        folder, seed=seed, students=students, end=end, weeks=24, n_weeks=2 if quick else 4
    )


def _twins(settings: Settings, quick: bool) -> list[Path]:
    """Two networks trained alike but for the seed; made once and kept."""
    work = settings.data / "training"
    name, plan, epochs, chosen = "twin", SHIP_PLAN, 5, Districts(train=(101, 102))
    if quick:
        loop = replace(SHIP_PLAN.loop, average=0.0)
        name, plan, epochs = "small-twin", replace(SHIP_PLAN, network=SMALL, loop=loop), 12
        chosen = Districts(train=(101,), students=200, futures=4)
    folders = [work / "explanations" / f"{name}-{seed}" for seed in SEEDS]
    if not all(folder.exists() for folder in folders):
        train = risk_examples.together(labeled(chosen, chosen.train, work / "ship"))
        validation = risk_examples.together(labeled(chosen, chosen.validation, work / "ship"))
        validation = replace(validation, expected=None)
        for seed, folder in zip(SEEDS, folders, strict=True):
            if not folder.exists():
                own = replace(plan, loop=replace(plan.loop, epochs=epochs, seed=seed))
                checkpoint.save(risk_fit.fit(train, validation, own), folder)
    return folders


def _randomized(folder: Path, place: Path) -> list[Path]:
    """The same version with weights that never learned anything, several times."""
    model, made = checkpoint.load(folder), []
    for seed in range(BLANKS):
        torch.manual_seed(seed)
        model.learned, model.version = RiskNetwork(model.config).eval(), ""
        made.append(place / f"randomized-{seed}")
        checkpoint.save(model, made[-1])
    return made


def _cut(each: serve.Engine, few: Planted, kind: str) -> Parts:
    return parts.cut(each, few.values, few.observed, few.norms, kind)


def _compare(
    served: serve.Engine,
    others: list[serve.Engine],
    blanks: list[serve.Engine],
    few: Planted,
    kind: str,
) -> dict[str, dict[str, float]]:
    """Every measure of every method for one cut; a measure that means nothing there is left out."""
    own = _cut(served, few, kind)
    twins, random = ([_cut(each, few, kind) for each in some] for some in (others, blanks))
    rows, whole = np.arange(len(few.values)), np.ones((len(few.values), own.n))
    rates = {}
    for name, method in methods.METHODS[kind].items():
        started = time.perf_counter()
        given = method(own, whole, rows)
        seconds = time.perf_counter() - started
        pair = [method(twin, whole, rows) for twin in twins]
        rates[name] = {
            **(_completeness(own, given) if name in methods.COMPLETE else {}),
            "infidelity": _infidelity(own, given),
            "sensitivity": _sensitivity(own, method),
            **_erasure(own, given, signed=not name.startswith("attention"), kind=kind),
            "randomized": float(
                np.mean([_correlation(given, method(each, whole, rows)) for each in random])
            ),
            "seed_jaccard": _jaccard(*(_top(each, TOP[kind]) for each in pair)),
            "students_per_second": len(rows) / seconds,
        }
    return rates


def _completeness(own: Parts, given: Values) -> dict[str, float]:
    return _errors(np.abs(given.sum(axis=1) - methods.apart(own)), methods.apart(own))


def _errors(error: Values, apart: Values) -> dict[str, float]:
    relative = error / np.maximum(np.abs(apart), LEAST)
    return {
        "completeness_error": float(np.median(relative)),
        "completeness_error_largest": float(relative.max()),
        "within_1_percent": float((relative <= 0.01).mean()),
    }


def _infidelity(own: Parts, given: Values) -> float:
    """Squared error of the attributions' guess when a random half of the parts is deleted."""

    def deleted(shares: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gone = shares * (torch.rand(shares.shape) < 0.5)
        return gone, shares - gone

    torch.manual_seed(0)
    found = infidelity(
        methods.forward(own),
        deleted,
        torch.ones(given.shape, dtype=torch.float64),
        torch.from_numpy(given.copy()),
        additional_forward_args=torch.arange(len(given)),
        n_perturb_samples=20,
        normalize=True,
    )
    return float(found.median())


def _sensitivity(own: Parts, method: methods.Method) -> float:
    """The largest relative change of the attributions when every share moves a little."""

    def explained(inputs: Any, additional_forward_args: Any = None) -> tuple[torch.Tensor]:
        (shares,), (rows,) = inputs, additional_forward_args
        return (torch.from_numpy(method(own, shares.numpy(), rows.numpy()).copy()),)

    n = min(40, len(own.base))
    torch.manual_seed(0)
    found = sensitivity_max(
        explained,
        (torch.ones((n, own.n), dtype=torch.float64),),
        perturb_radius=RADIUS,
        n_perturb_samples=3,
        additional_forward_args=(torch.arange(n),),
    )
    return float(found.median())


def _erasure(own: Parts, given: Values, *, signed: bool, kind: str) -> dict[str, float]:
    """Comprehensiveness and sufficiency (DeYoung et al. 2020), in logits on the score's own side.

    What the score loses without its strongest parts, and with nothing but them; mean over how many.
    """
    n, apart = len(given), methods.apart(own)
    side = np.sign(apart)
    idle = own.summed(np.abs(own.way)) == 0
    order = np.argsort(
        np.where(idle, np.inf, -(side[:, None] * given if signed else given)), axis=1, kind="stable"
    )
    rows, without, only = np.arange(n), [], []
    for count in REMOVED[kind]:
        kept = np.ones_like(given)
        np.put_along_axis(kept, order[:, :count], 0.0, axis=1)
        without.append(own.logits(kept, rows))
        only.append(own.logits(1 - kept, rows))
    whole = own.logits(np.ones_like(given), rows)
    return {
        "comprehensiveness": float((side * (whole - np.mean(without, axis=0))).mean()),
        "sufficiency": float((side * (whole - np.mean(only, axis=0))).mean()),
    }


def _correlation(given: Values, other: Values) -> float:
    """Mean rank correlation of two attributions of the same students, signs included."""
    return float(np.mean([rank_correlation(a, b) for a, b in zip(given, other, strict=True)]))


def _top(given: Values, count: int) -> list[set[Any]]:
    return [set(row) for row in np.argsort(-np.abs(given), axis=1, kind="stable")[:, :count]]


def _jaccard(these: list[set[Any]], those: list[set[Any]]) -> float:
    pairs = zip(these, those, strict=True)
    return float(np.mean([len(a & b) / max(1, len(a | b)) for a, b in pairs]))


def _reasons(each: serve.Engine, few: Planted) -> list[list[Any]]:
    return reasons(each.folder, few.values, few.observed, few.norms)


def _served(
    settings: Settings,
    folder: Path,
    served: serve.Engine,
    others: list[serve.Engine],
    few: Planted,
) -> dict[str, Any]:
    """What people get: completeness and time of explanations, and whether reasons recur."""
    own = _cut(served, few, "group")
    errors = integrate(served, own.base, own.way, own.observed)[1]
    given = [few.values, few.observed, few.norms]
    explain_all(settings, folder, *(each[:1] for each in given))
    pairs = [_reasons(each, few) for each in others]

    def recur(of: Callable[[Any], Any]) -> float:
        return _jaccard(*([{of(reason) for reason in some} for some in pair] for pair in pairs))

    features = [attribution.attribute(e, *given).sum(axis=1, dtype=np.float64) for e in others]
    return {
        **_errors(errors, methods.apart(own)),
        "one_milliseconds": 1000 * _seconds(settings, folder, given, 1),
        "hundred_seconds": _seconds(settings, folder, given, 100),
        "seed_jaccard_features_alone": _jaccard(*(_top(each, 5) for each in features)),
        "seed_jaccard_groups": recur(lambda reason: (reason.group, reason.direction)),
        "seed_jaccard_features_told": recur(lambda reason: reason.feature),
        "reasons_each": float(np.mean([len(some) for some in pairs[0]])),
    }


def _seconds(settings: Settings, folder: Path, given: list[Any], n: int) -> float:
    chosen = np.arange(n) % len(given[0])
    started = time.perf_counter()
    explain_all(settings, folder, *(each[chosen] for each in given))
    return time.perf_counter() - started


def _recall(served: serve.Engine, causes: Planted) -> dict[str, dict[str, float]]:
    """Planted causes among the three groups that raise the score most, by method."""
    own = _cut(served, causes, "group")
    rows, whole = np.arange(len(causes.values)), np.ones((len(causes.values), own.n))
    found = {
        name: planted.recall(causes, planted.strongest(method(own, whole, rows)), CLEAR)
        for name, method in methods.METHODS["group"].items()
    }
    cells = attribution.attribute(served, causes.values, causes.observed, causes.norms)
    late = np.zeros_like(cells)
    late[:, -RECENT:] = cells[:, -RECENT:]
    recent = planted.strongest(own.summed(late))
    found["Integrated Gradients, last 8 weeks"] = planted.recall(causes, recent, CLEAR)
    best = np.argsort(-cells.sum(axis=1), axis=1)[:, : planted.TOP]
    alone, told = np.zeros((2, *whole.shape), bool)
    np.put_along_axis(alone, planted.GROUP_OF[best], True, axis=1)
    for row, some in enumerate(_reasons(served, causes)):
        raising = [reason for reason in some if reason.direction == "raises"]
        told[row, [GROUPS.index(reason.group) for reason in raising[: planted.TOP]]] = True
    found["three features alone"] = planted.recall(causes, alone, CLEAR)
    found["reasons as told"] = planted.recall(causes, told, CLEAR)
    return found


def _badge(
    settings: Settings, folder: Path, others: list[serve.Engine], causes: Planted
) -> dict[str, dict[str, float]]:
    """How often each badge is given, and how much of its top three another training repeats."""
    few = causes.of(slice(0, 400))
    explained = explain_all(settings, folder, few.values, few.observed, few.norms)
    own = [[(f.group, f.direction) for f in each.factors[:3]] for each in explained]
    again = [[(f.group, f.direction) for f in some[:3]] for some in _reasons(others[0], few)]
    same = np.array([len({*a} & {*b}) / max(1, len(a)) for a, b in zip(own, again, strict=True)])
    verdict = np.array([each.agreement.verdict for each in explained])
    return {
        name: {
            "share": float((verdict == name).mean()),
            "recurs": float(same[verdict == name].mean()) if (verdict == name).any() else np.nan,
        }
        for name in (STABLE, PARTLY, NONE)
    }


def _importance(
    place: Path, served: serve.Engine, others: list[serve.Engine], n: int
) -> dict[str, Any]:
    """What the model weighs over all students, and how alike other trainings see it."""
    home = load_settings(home=place / "home")
    with snapshots.connect(home, snapshots.current(home), features=True) as con:
        rows = importance.read(con, n=n)
    return importance.importance(served, rows, others=others).model_dump()


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(carry_out("explanations", run, sys.argv[1:], tables=tables))
