"""Judges a version on applications that it has not seen."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.admission.examples import INPUTS, PLACE, Applications
from edupulse_core.families.admission.measured import (
    COUNTED,
    HALF,
    ByTier,
    Calibration,
    Figures,
    Rates,
    Test,
    figures,
    rates,
)
from edupulse_core.families.admission.model import AdmissionModel
from edupulse_core.families.admission.within import gaps
from edupulse_core.families.family import Occasion, Report, Split, step
from edupulse_core.families.usual import groups_of
from edupulse_core.training import evaluation, hiding, reliability
from edupulse_core.training.curves import curves
from edupulse_core.training.evaluation import auc
from edupulse_core.training.fairness import Alarm, Students, alarms_by_group
from edupulse_core.training.results import Hidden

Array = NDArray[np.float64]
Groups = Mapping[str, NDArray[np.str_]]

AUDITED = ("sex", "race")
RESAMPLES = 500
REPEATS = 10  # of each input's shuffle


def report(
    model: AdmissionModel, split: Split[Applications], occasion: Occasion[Applications] | None
) -> Report:
    """Everything that can be measured; by sex and race only where a home's records say them."""
    test = split.test
    chance = model.chances(test.x)
    codes = np.unique(test.who, return_inverse=True)[1]
    said, came = (chance >= HALF).astype(np.int64), (test.admitted > HALF).astype(np.int64)
    few = hiding.few_stand_in(np.eye(4)[2 * came + said], codes)
    own = told(chance, test.admitted, codes)
    counted = () if few else (2 * came + said,)
    found = curves(chance, {"admitted": came > 0}, codes, (HALF,), counted)
    confusion = np.bincount(2 * came + said, minlength=4).reshape(2, 2).tolist()
    more = {} if occasion is None else _audit(model, test, chance, occasion)
    return Report.model_validate(
        {
            "headline": own.model_dump(exclude_none=True),
            "test": Test(
                rows=len(test),
                students=len(np.unique(test.who)),
                weeks=(str(test.day.min()), str(test.day.max())),
                table={"model": own, **_simple(split)},
            ),
            "calibration": _calibration(model, test, chance),
            "confusion": None if few else confusion,
            "curve": found and found["admitted"],
            "by_tier": by_tier(chance, test),
            **more,
        }
    )


def told(chance: Array, admitted: Array, codes: NDArray[np.int64]) -> Figures:
    """The figures of some chances, without those from which counts of a few could be had."""
    found = figures(chance, admitted)
    few = tells_of_few(chance, admitted, codes)
    return found.model_copy(update=dict.fromkeys(COUNTED)) if few else found


def tells_of_few(chance: Array, admitted: Array, codes: NDArray[np.int64]) -> bool:
    """Whether few students were expected in or out, and came in or not.  codes: of students."""
    cells = 2 * (admitted > HALF) + (chance >= HALF)
    return hiding.few_stand_in(np.eye(4)[cells.astype(np.int64)], codes)


def _simple(split: Split[Applications]) -> dict[str, Figures]:
    """What needs no model: the program's own admit rate, and the student's grades alone."""
    test, found = split.test, {}
    codes = np.unique(test.who, return_inverse=True)[1]
    for name in ("admit_rate", "gpa_minus_minimum", "gpa"):
        x, known = (each.x[:, PLACE[name]] for each in (test, split.train))
        if np.isnan(known).all():
            continue
        low, high = np.nanmin(known), np.nanmax(known)
        filled = np.where(np.isnan(x), np.nanmedian(known), x)
        if name != "admit_rate":
            filled = (filled - low) / max(high - low, 1e-9)
        found[name] = told(np.clip(filled, 0.0, 1.0), test.admitted, codes)
    return found


def _calibration(model: AdmissionModel, test: Applications, chance: Array) -> Calibration:
    codes = np.unique(test.who, return_inverse=True)[1]
    came = test.admitted > HALF
    low, high = model.with_ranges(test.x)[1:]
    few = hiding.few_stand_in(np.eye(2)[came.astype(int)], codes)
    return Calibration(
        overall=None
        if few
        else reliability.calibration(chance, test.admitted, test.who, resamples=RESAMPLES),
        slope=round(reliability.slope(chance, test.admitted), 4),
        curve=_curve(chance, test.admitted, codes),
        width=round(float((high - low).mean()), 4),
    )


def _curve(chance: Array, admitted: Array, codes: NDArray[np.int64]) -> list[evaluation.Part]:
    """The curve in ten parts, or in fewer, so that no part could identify a few students."""
    for n in range(reliability.BINS, 0, -1):
        place = np.empty(len(chance), np.int64)
        for at, rows in enumerate(evaluation.by_score(chance, n)):
            place[rows] = at
        if not hiding.few_stand_in(np.eye(2 * n)[2 * place + (admitted > HALF)], codes):
            return evaluation.reliability(chance, admitted, n)
    return []


def by_tier(chance: Array, test: Applications) -> ByTier:
    """How right the chances are for programs of each tier."""
    tier = test.x[:, PLACE["program_tier"]]
    names = np.array(["unknown" if np.isnan(t) else f"{t:g}" for t in tier], np.str_)
    codes = np.unique(test.who, return_inverse=True)[1]
    came = test.admitted > HALF
    kinds = np.eye(2)[came.astype(int)]
    right = np.eye(4)[2 * came.astype(int) + (chance >= HALF)]
    few_apply = hiding.to_hide({"tier": names}, codes, np.ones((len(names), 1)))["tier"]
    hide = hiding.to_hide({"tier": names}, codes, kinds)["tier"]
    unsaid = hiding.to_hide({"tier": names}, codes, kinds, right)["tier"]

    def one(rows: NDArray[np.bool_]) -> Rates:
        return rates(chance[rows], test.admitted[rows], len(np.unique(codes[rows])))

    lines: list[Hidden | Rates] = []
    for name, dark in hide.items():
        if few_apply[name]:
            lines.append(Hidden(group=name))
            continue
        line = one(names == name)
        told: dict[str, object] = {"group": name, "students": None}
        if dark:  # what came shows a few students; how many applied and what was said do not
            told |= {"auc_roc": None, "admitted": None}
        if dark or unsaid[name]:
            told |= {"accuracy": None}
        lines.append(line.model_copy(update=told))
    few = hiding.few_stand_in(right, codes)
    overall = Hidden() if few else one(np.ones(len(chance), bool))
    return ByTier(overall=overall, groups={"tier": lines})


def _audit(
    model: AdmissionModel, test: Applications, chance: Array, occasion: Occasion[Applications]
) -> dict[str, object]:
    with step(occasion.progress, "groups"):
        groups = {name: groups_of(occasion.con, test.who)[name] for name in AUDITED}
        found = audit(chance, test, groups)
    with step(occasion.progress, "importance"):
        return found | {"importance": importance(model, test)}


def audit(chance: Array, test: Applications, groups: Groups) -> dict[str, object]:
    """Whether the chances are equally right for every group, and where gaps come from."""
    came = test.admitted > HALF
    alarm = Alarm(chance >= HALF, came, chance)
    alarms = alarms_by_group(alarm, groups, Students.of(test.who, RESAMPLES))
    shown = {
        name: np.isin(of, [line.group for line in alarms.groups[name] if not line.hidden])
        for name, of in groups.items()
    }
    apart = {
        name: gaps(test.admitted, chance, test.program, {name: of}, shown[name])[name]
        for name, of in groups.items()
    }
    return {"fairness": alarms, "gaps": apart}


def importance(model: AdmissionModel, test: Applications, seed: int = 0) -> dict[str, float]:
    """AUC lost where an input comes from another application, the mean of ten shuffles."""
    rng, came = np.random.default_rng(seed), test.admitted > HALF
    whole, found = auc(model.chances(test.x), came), {}
    for at, name in enumerate(INPUTS):
        lost = []
        for _ in range(REPEATS):
            other = test.x.copy()
            other[:, at] = test.x[rng.permutation(len(test)), at]
            lost.append(whole - auc(model.chances(other), came))
        found[name] = round(float(np.mean(lost)), 6)
    return dict(sorted(found.items(), key=lambda each: -each[1]))
