"""The risk family's algorithms, each as a record: how it learns, and how it is kept."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edupulse_core.families.family import Algorithm, Run, Split
from edupulse_core.families.risk import blend, checkpoint, export, linear, plans, serve, trees
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.fit import RiskPlan
from edupulse_core.families.risk.learned import (
    BLEND,
    BOOSTING,
    LOGISTIC,
    NETWORK,
    Array,
    Mask,
    Values,
    cross_entropy,
)
from edupulse_core.families.risk.linear import LogisticPlan
from edupulse_core.families.risk.network import Standardizer
from edupulse_core.families.risk.plans import BlendPlan
from edupulse_core.families.risk.trees import BoostingPlan


def fit_network(split: Split[Examples], plan: RiskPlan, run: Run) -> RiskModel:
    """Train a network on split.train; stop, choose and calibrate on split.validation."""

    model = risk_fit.fit(
        split.train,
        split.validation,
        replace(plan, loop=replace(plan.loop, seed=run.seed)),
        device=run.device,
        checkpoint=run.checkpoint,
        progress=run.report,
        start=run.start,
    )
    return _told(model, run)


def fit_boosting(split: Split[Examples], plan: BoostingPlan, run: Run) -> RiskModel:
    """Grow trees on split.train; calibrate on split.validation."""

    def done(share: float) -> None:
        run.check()
        if run.progress is not None:
            run.progress("train", round(100 * share), 100)

    train, validation = (_lessons(part) for part in (split.train, split.validation))
    grown, history = trees.fit(train, validation, plan, seed=run.seed, done=done)
    scale = Standardizer.fit(split.train.values, split.train.observed)
    model = risk_fit.finished(grown, BOOSTING, scale, split.train, split.validation)
    model.metrics["history"] = history
    return _told(model, run)


def fit_logistic(split: Split[Examples], plan: LogisticPlan, run: Run) -> RiskModel:
    """Fit on split.train; calibrate on split.validation."""
    started = time.monotonic()
    run.check()
    scale = Standardizer.fit(split.train.values, split.train.observed)
    lessons = _lessons(split.train)
    fitted = linear.fit(*lessons, scale, plan, seed=run.seed)
    losses = [
        cross_entropy(fitted.logits(values, observed, scale)[0], severity)
        for values, observed, severity, _ in (lessons, _lessons(split.validation))
    ]
    model = risk_fit.finished(fitted, LOGISTIC, scale, split.train, split.validation)
    model.metrics["history"] = [_epoch(losses, started)]
    return _told(model, run)


def fit_blend(split: Split[Examples], plan: BlendPlan, run: Run) -> RiskModel:
    """Blend the members: those that the run has already, and the others trained here."""
    started = time.monotonic()
    alone = replace(run, tracker=None, start=None)
    models: dict[str, RiskModel] = {
        name: run.trained[name]
        if name in run.trained
        else ALGORITHMS[name].fit(split, plan.of(name), alone)
        for name in plan.members
    }
    learned = {name: model.learned for name, model in models.items()}
    mix = blend.Mix({name: model.calibration for name, model in models.items()})
    scale = next(iter(models.values())).standardizer  # all have learned from the same rows
    mixed = blend.Blend(learned, mix)
    losses = [
        cross_entropy(mixed.logits(part.values, part.observed, scale)[0], _lessons(part)[2])
        for part in (split.train, split.validation)
    ]
    model = risk_fit.finished(mixed, BLEND, scale, split.train, split.validation)
    model.metrics["history"] = [_epoch(losses, started)]
    return _told(model, run)


def _told(model: RiskModel, run: Run) -> RiskModel:
    run.tell(*model.metrics["history"])
    return model


def _epoch(losses: list[float], started: float) -> dict[str, float]:
    """The history of what is fitted in one step."""
    seconds = round(time.monotonic() - started, 2)
    return {
        "epoch": 1, "train_loss": losses[0], "validation_loss": losses[1], "seconds": seconds
    }  # fmt: skip


def _lessons(part: Examples) -> tuple[Values, Mask, Array, Array]:
    """Values, observed, severity (N,) and the levels' probabilities (N, 4)."""
    severity, tiers = (each.double().numpy() for each in part.targets())
    levels: Array = tiers / np.maximum(tiers.sum(axis=1, keepdims=True), 1e-9)
    return part.values, part.observed, severity, levels


def open_version(folder: Path, form: str) -> Any:
    """The trained model if form is "", else an engine that serves in this form."""
    return serve.load(folder, form=form) if form else checkpoint.load(folder)


def derive(folder: Path) -> None:
    """Add the files for serving, where it is a network or has one."""
    if checkpoint.load(folder).has_network:
        serve.export(folder)


FORMS = ("", "auto", "eager", "onnx", "int8")

ALGORITHMS: Mapping[str, Algorithm] = {
    NETWORK: Algorithm(
        plan=lambda: plans.HOME_PLAN,
        plans={"reference": lambda: plans.REFERENCE},
        update=plans.lightly,
        space=plans.network_space,
        grid=plans.GRID,
        fit=fit_network,
        save=checkpoint.put,
        open=open_version,
        export=export.contents,
        forms=FORMS,
        derive=derive,
    ),
    BOOSTING: Algorithm(
        plan=BoostingPlan,
        space=plans.boosting_space,
        fit=fit_boosting,
        save=checkpoint.put,
        open=open_version,
        export=export.contents,
        forms=("", "auto"),
    ),
    LOGISTIC: Algorithm(
        plan=LogisticPlan,
        space=plans.logistic_space,
        fit=fit_logistic,
        save=checkpoint.put,
        open=open_version,
        export=export.contents,
        forms=("", "auto"),
    ),
    BLEND: Algorithm(
        plan=BlendPlan,
        space=plans.blend_space,
        fit=fit_blend,
        save=checkpoint.put,
        open=open_version,
        export=export.contents,
        forms=FORMS,
        derive=derive,
    ),
}
