"""Odds of admission on public tables, whether gaps are told apart, and how long training takes.

Graduate Admissions: 500 applicants' own estimates of their chance, 10 times 10 folds. HSLS: ninth
graders, and who attended college later. Berkeley 1973: whether a gap between the sexes comes from
the departments. Minutes: each algorithm on 1,000 made-up applications whose odds are known, untuned
and with a random search; beside what the reference system says of itself.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import optuna
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from edupulse_core import sql
from edupulse_core.config import Rules, Settings
from edupulse_core.families.admission.algorithms import ALGORITHMS
from edupulse_core.families.admission.examples import PLACE, Applications
from edupulse_core.families.admission.family import ADMISSION
from edupulse_core.families.admission.measured import figures
from edupulse_core.families.admission.model import AdmissionModel
from edupulse_core.families.admission.within import Gap, gaps
from edupulse_core.families.family import Run, Split
from edupulse_core.families.usual import by_student
from edupulse_core.training import reliability
from edupulse_core.training.evaluation import auc, calibration_error
from tests.benchmarks import admission_data, kept, public
from tests.benchmarks.command import carry_out, count, to_stderr
from tests.families.admission.applicants import fill, true_odds

Array = NDArray[np.float64]
FOLDS = 10
PARTS = ("graduate", "hsls", "berkeley", "minutes")
MINUTES = {  # of the reference: untuned, and with 50 draws
    "random_forest": (2, 10),
    "xgboost": (3, 15),
    "gradient_boosting": (4, 18),
    "logistic_regression": (1, 5),
    "neural_network": (5, 12),
}
EXPECTED = {  # of the reference, in percent
    "accuracy": (85, 90),
    "precision": (83, 88),
    "recall": (82, 87),
    "f1_score": (83, 88),
    "auc_roc": (88, 93),
}
RMSE_GOAL, OLS = 0.06, 0.0606


def run(
    settings: Settings,
    *,
    quick: bool = False,
    data: str = "",
    only: str = "",
    repeats: int = 10,
    seeds: int = 5,
    draws: int = 50,
) -> dict[str, Any]:
    """Every part, or one of them."""
    repeats, seeds, draws = (1, 1, 2) if quick else (repeats, seeds, draws)
    found: dict[str, Any] = {"quick": quick, "family": "admission", "partial": bool(only)}
    if only in ("", "graduate"):
        found["graduate"] = _graduate(admission_data.graduate(data), repeats, quick)
    if only in ("", "hsls"):
        found["hsls"] = _hsls(admission_data.hsls(data), seeds, 2000 if quick else None)
    if only in ("", "berkeley"):
        found["berkeley"] = _berkeley(admission_data.berkeley(data))
    if only in ("", "minutes"):
        found["minutes"] = _minutes(draws)
    return found


def _graduate(cases: Applications, repeats: int, quick: bool) -> dict[str, Any]:
    """RMSE and slope of each way, over folds that are drawn anew each time."""
    seen = ~np.isnan(cases.x).all(axis=0)
    names = [n for n in ALGORITHMS if not quick or n in ("logistic_regression", "gaussian_process")]
    ways: dict[str, Callable[[Applications, Applications, int], Array]] = {
        "ordinary least squares": lambda train, test, seed: np.asarray(
            LinearRegression().fit(train.x[:, seen], train.admitted).predict(test.x[:, seen])
        )
    } | {name: _refit(name) for name in names}
    rows = {}
    for name, say in ways.items():
        to_stderr(f"graduate: {name}")
        told = [_folded(cases, say, seed) for seed in range(repeats)]
        errors = [float(np.sqrt(np.mean((said - cases.admitted) ** 2))) for said in told]
        slopes = [reliability.slope(said, cases.admitted) for said in told]
        spread = float(((cases.admitted - cases.admitted.mean()) ** 2).mean())
        rows[name] = {
            "rmse": float(np.mean(errors)),
            "spread": float(np.std(errors)),
            "r2": float(1 - np.mean(np.square(errors)) / spread),
            "slope": float(np.mean(slopes)),
        }
    return {"cases": len(cases), "repeats": repeats, "folds": FOLDS, "ways": rows}


def _folded(
    cases: Applications, say: Callable[[Applications, Applications, int], Array], seed: int
) -> Array:
    fold, said = public.folds_of(cases.who, FOLDS, seed), np.zeros(len(cases))
    for at in range(FOLDS):
        train, test = (cases.of(np.flatnonzero(rows)) for rows in (fold != at, fold == at))
        said[fold == at] = say(train, test, seed * FOLDS + at)
    return said


def _refit(name: str) -> Callable[[Applications, Applications, int], Array]:
    """Calibrate on a seventh of the training cases, then learn from all of them."""

    def say(train: Applications, test: Applications, seed: int) -> Array:
        how, run = ALGORITHMS[name], Run(seed=seed, trial=True)
        order = np.random.default_rng(seed).permutation(len(train))
        held = len(train) // 7
        parts = (train.of(order[held:]), train.of(order[:held]))
        calibrated: AdmissionModel = how.fit(Split(*parts, test), how.plan(), run)
        whole: AdmissionModel = how.fit(Split(train, parts[1], test), how.plan(), run)
        return replace(whole, calibration=calibrated.calibration).chances(test.x)

    return say


def _hsls(cases: Applications, seeds: int, most: int | None) -> dict[str, Any]:
    """AUC, Brier score and calibration of each algorithm on a fifth of the students."""
    if most is not None:
        cases = cases.of(np.random.default_rng(0).permutation(len(cases))[:most])
    rows: dict[str, dict[str, list[float]]] = {}
    for seed in range(seeds):
        split = by_student(cases, seed=seed, shares=(0.65, 0.15))[0]
        came = split.test.admitted > 0.5
        alone = split.test.x[:, PLACE["test_score"]]
        ways = {"mathematics test alone": np.nan_to_num(alone, nan=float(np.nanmedian(alone)))}
        for name, how in ALGORITHMS.items():
            to_stderr(f"hsls: {name}, seed {seed}")
            ways[name] = how.fit(split, how.plan(), Run(seed=seed)).chances(split.test.x)
        for name, said in ways.items():
            row = rows.setdefault(name, {"auc": [], "brier": [], "ece": [], "slope": []})
            row["auc"].append(auc(said, came))
            if name in ALGORITHMS:
                row["brier"].append(float(np.mean((said - split.test.admitted) ** 2)))
                row["ece"].append(calibration_error(said, split.test.admitted))
                row["slope"].append(reliability.slope(said, split.test.admitted))
    return {"cases": len(cases), "seeds": seeds, "ways": rows}


def _berkeley(found: admission_data.Berkeley) -> dict[str, Any]:
    """Each department's own share as the chance: sex never enters."""
    names, at = np.unique(found.department, return_inverse=True)
    share = np.bincount(at, found.admitted) / np.bincount(at)
    everyone = np.ones(len(at), bool)
    told = gaps(found.admitted, share[at], found.department, {"sex": found.sex}, everyone)["sex"]
    each = {
        str(name): gaps(
            found.admitted,
            share[at],
            found.department,
            {"sex": found.sex},
            found.department == name,
        )["sex"]
        for name in names
    }
    return {
        "cases": len(at),
        "gaps": [_told(one) for one in told],
        "departments": {name: [_told(one) for one in some] for name, some in each.items()},
    }


def _told(gap: Gap) -> dict[str, Any]:
    return gap.model_dump() | {"comes_from_programs": gap.comes_from_programs}


def _minutes(draws: int) -> dict[str, Any]:
    """How long each algorithm takes on 1,000 applications, and how well it does then."""
    with duckdb.connect() as con:
        sql.run(con, "warehouse/sql/schema")
        fill(con, students=430, each=4)
        cases = ADMISSION.read(con, Rules())
    split = ADMISSION.splits(cases)[0]
    order = np.random.default_rng(0).permutation(len(split.train))[:1000]
    split = replace(split, train=split.train.of(np.sort(order)))
    test = split.test
    rows: dict[str, dict[str, Any]] = {}
    for name, how in ALGORITHMS.items():
        to_stderr(f"minutes: {name}")
        began = time.perf_counter()
        model = how.fit(split, how.plan(), Run())
        untuned = (time.perf_counter() - began) / 60
        began = time.perf_counter()
        tuned = how.fit(split, _searched(name, split, draws), Run())
        searched = (time.perf_counter() - began) / 60
        rows[name] = {
            "minutes": untuned,
            "tuned_minutes": searched,
            **figures(model.chances(test.x), test.admitted).model_dump(),
            "tuned_auc": auc(tuned.chances(test.x), test.admitted > 0.5),
        }
    best = figures(true_odds(test.x), test.admitted).model_dump()
    return {
        "train": len(split.train),
        "test": len(test),
        "draws": draws,
        "ways": rows,
        "true": best,
    }


def _searched(name: str, split: Split[Applications], draws: int) -> Any:
    """The plan with the best AUC over three folds of the training students, of so many draws."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    how = ALGORITHMS[name]
    folds = by_student(split.train, folds=3)

    def value(trial: optuna.Trial) -> float:
        plan = how.space(trial)
        found = [
            auc(how.fit(fold, plan, Run(trial=True)).chances(fold.test.x), fold.test.admitted > 0.5)
            for fold in folds
        ]
        return float(np.mean(found))

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(value, n_trials=draws)
    return how.space(optuna.trial.FixedTrial(study.best_params))


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """A table for each part."""
    makers = {"graduate": _graduate_table, "hsls": _hsls_table, "berkeley": _berkeley_table}
    made = [make(found[part]) for part, make in makers.items() if part in found]
    return made + (_minutes_tables(found["minutes"]) if "minutes" in found else [])


def _graduate_table(found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "Way": name,
            "RMSE": f"{each['rmse']:.4f} ± {each['spread']:.4f}",
            "R²": f"{each['r2']:.3f}",
            "Calibration slope": f"{each['slope']:.3f}",
        }
        for name, each in found["ways"].items()
    ]
    rows.append({"Way": "goal", "RMSE": f"{RMSE_GOAL:.4f}", "Calibration slope": ".95 to 1.05"})
    words = (
        f"{found['cases']} applicants' own estimates of their chance, which are no decisions; "
        f"{found['repeats']} times {found['folds']} folds. Least squares elsewhere: {OLS:.4f}."
    )
    return {"title": "Graduate Admissions", "words": words, "rows": rows}


def _hsls_table(found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"Way": name} | {key: _spread(values) for key, values in each.items() if values}
        for name, each in found["ways"].items()
    ]
    words = (
        f"{found['cases']:,} ninth graders, and who attended college later; a fifth of them "
        f"tested, {found['seeds']} times. Neither sex nor race enters."
    )
    return {"title": "College attendance (HSLS:09)", "words": words, "rows": rows}


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def _berkeley_table(found: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for where, some in {"all departments": found["gaps"], **found["departments"]}.items():
        for gap in some:
            if gap["group"] == "female":
                parts = {"Women less men": "overall", "In the same department": "within"}
                rows.append(
                    {"Where": where}
                    | {key: _points(gap[name]) for key, name in parts.items()}
                    | {"Comes from departments": "yes" if gap["comes_from_programs"] else "no"}
                )
    words = f"{found['cases']:,} decisions of 1973; percentage points with 95% intervals."
    return {"title": "Berkeley: department or sex?", "words": words, "rows": rows}


def _points(gap: dict[str, float]) -> str:
    return f"{100 * gap['value']:+.1f} ({100 * gap['low']:+.1f} to {100 * gap['high']:+.1f})"


def _minutes_tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    times, right = [], []
    for name, each in found["ways"].items():
        known = MINUTES.get(name, ("–", "–"))
        times.append(
            {
                "Algorithm": name,
                "Minutes": f"{each['minutes']:.2f}",
                "Reference": str(known[0]),
                f"With {found['draws']} draws": f"{each['tuned_minutes']:.2f}",
                "Reference, 50 draws": str(known[1]),
            }
        )
        right.append(_percents(name, each) | {"AUC, tuned": f"{100 * each['tuned_auc']:.1f}%"})
    right.append(_percents("the true odds", found["true"]))
    expected = {name: f"{low} to {high}%" for name, (low, high) in EXPECTED.items()}
    right.append({"Algorithm": "reference's expectation", **expected})
    sizes = f"{found['train']:,} made-up applications to learn from, {found['test']:,} tested"
    return [
        {"title": "Minutes of training", "words": f"{sizes}; one thread.", "rows": times},
        {
            "title": "How often each is right",
            "words": f"{sizes}. No model can do better than the true odds on these applicants.",
            "rows": right,
        },
    ]


def _percents(name: str, each: dict[str, Any]) -> dict[str, str]:
    return {"Algorithm": name} | {key: f"{100 * each[key]:.1f}%" for key in EXPECTED}


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "admission",
            run,
            sys.argv[1:],
            show=lambda found: kept.show(tables(found)),
            options={
                "--data": public.OPTION,
                "--only": {"choices": ("", *PARTS), "default": ""},
                "--repeats": {"type": count, "default": 10},
                "--seeds": {"type": count, "default": 5},
                "--draws": {"type": count, "default": 50},
            },
        )
    )
