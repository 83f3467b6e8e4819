"""What a version learned from, kept beside it; and how far this week's inputs and scores moved.

The reference of a version is made when it is trained here; for a shipped version, when its first
night here is watched. It is a file beside the versions' folders, which stay as they were saved.
A week is compared with the same time of an earlier year, give or take a week, because much in a
school changes with the calendar: counts that run up over a year, exams, the flu.
"""

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from edupulse_core import files, sql
from edupulse_core.config import Settings
from edupulse_core.errors import ModelError
from edupulse_core.families import version as folders
from edupulse_core.families.shelf import family_named
from edupulse_core.features import build
from edupulse_core.features.weeks import sunday
from edupulse_core.lifecycle import comparison, evaluations, live, periods, registry
from edupulse_core.lifecycle.live import Judged
from edupulse_core.lifecycle.retraining import whose
from edupulse_core.progress import Progress
from edupulse_core.training import shift
from edupulse_core.training.shift import Array, Bins, Counts, Measured, Shift
from edupulse_core.warehouse import snapshots

WEEKS = 53  # a reference looks back over a whole year
EVERY = 2  # and reads every second week of it
MOST = 5_000  # students of a week
NEAR = 14  # days around the same day of another year: a holiday moves, a break leaves a gap
SCORE = "score"  # the name of the predictions beside those of the inputs
_KEYS = ("student_id", "school_id")
WHOLE = ""  # the name of the whole district beside those of the schools


@dataclass(frozen=True)
class Reference:
    """Counts by week, school and input, and how good the version was on those weeks."""

    version: str
    as_of: date  # the last day that it knows of
    weeks: NDArray[np.datetime64]  # (W,) Mondays
    schools: tuple[str, ...]
    inputs: tuple[str, ...]  # the last one is SCORE
    bins: tuple[Bins, ...]  # of each input
    counts: Counts  # (W, S, F, bins)
    baseline: dict[str, Measured] = field(default_factory=dict)  # empty without outcomes

    def near(self, monday: date) -> list[int]:
        """The weeks at the same time of an earlier year."""
        days = (np.datetime64(monday) - self.weeks).astype("timedelta64[D]").astype(int)
        apart = np.abs((days + 182) % 365 - 182)
        return np.flatnonzero((apart <= NEAR) & (days > NEAR)).tolist()

    def of(self, school: str) -> Counts:
        """The counts of a school, or of the whole, (W, F, bins)."""
        if school != WHOLE:
            return self.counts[:, self.schools.index(school)]
        whole: Counts = self.counts.sum(axis=1)
        return whole


@dataclass(frozen=True)
class Column:
    """The values of an input, or of the predictions, and the school of each."""

    values: Array
    school: NDArray[np.str_]

    def of(self, school: str) -> Array:
        """The values of a school, or of the whole."""
        return self.values if school == WHOLE else self.values[self.school == school]


@dataclass(frozen=True)
class Week:
    """What one week brought."""

    monday: date
    columns: Mapping[str, Column]  # the inputs, then SCORE


@dataclass(frozen=True)
class Moved:
    """An input of a school, or of the whole, that was compared."""

    school: str
    name: str
    shift: Shift
    is_drift: bool


def compare(reference: Reference, week: Week) -> list[Moved]:
    """How far each input moved, in the whole and at each school; empty where nothing compares.

    Of the weeks that may be compared, the one that is most like this week counts.
    """
    near = reference.near(week.monday)
    found = []
    for school in (WHOLE, *reference.schools):
        learned = reference.of(school)[near]
        for at, name in enumerate(reference.inputs):
            if name not in week.columns:
                continue
            bins = reference.bins[at]
            came = bins.count(week.columns[name].of(school))
            tried = (shift.shift(came, one[at, : len(came)], bins) for one in learned)
            shifts = [one for one in tried if one is not None]
            if shifts:
                found.append((school, name, min(shifts, key=lambda one: one.ks)))
    beyond = shift.beyond_chance([each.chance for _, _, each in found])
    return [
        Moved(school, name, each, bool(each.is_large and sure))
        for (school, name, each), sure in zip(found, beyond, strict=True)
    ]


def kept(settings: Settings, family: str, version: str) -> Reference | None:
    """A version's reference; None where none was made. Raises ModelError for a damaged file."""
    path = _path(settings, family, version)
    if not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            ends = np.cumsum(held["lengths"])[:-1]
            edges = np.split(held["edges"], ends)
            means = np.split(held["means"], ends + np.arange(1, len(ends) + 1))
            return Reference(
                about["version"],
                date.fromisoformat(about["as_of"]),
                held["weeks"],
                tuple(about["schools"]),
                tuple(about["inputs"]),
                tuple(map(Bins, edges, means)),
                held["counts"].astype(np.int64),
                {name: Measured(**each) for name, each in about["baseline"].items()},
            )
    except (OSError, ValueError, LookupError, TypeError, BadZipFile, zlib.error) as error:
        raise ModelError(f"the reference of {version} is damaged: {path.name} ({error})") from None


def keep(settings: Settings, family: str, reference: Reference) -> Path:
    """Keep a reference beside the version's folder, in the home."""
    about = {
        "version": reference.version,
        "as_of": reference.as_of.isoformat(),
        "schools": reference.schools,
        "inputs": reference.inputs,
        "baseline": {name: asdict(each) for name, each in reference.baseline.items()},
    }
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        about=np.array(json.dumps(about)),
        weeks=reference.weeks,
        edges=np.concatenate([each.edges for each in reference.bins]),
        means=np.concatenate([each.means for each in reference.bins]),
        lengths=np.array([len(each.edges) for each in reference.bins]),
        counts=reference.counts.astype(np.uint32),
    )
    path = _path(settings, family, reference.version)
    with files.replacing(path) as half:
        half.write_bytes(packed.getvalue())
    return path


def learn_ahead(
    settings: Settings, name: str, folder: Path, *, progress: Progress | None = None
) -> None:
    """Make the reference of a new version whose family answers every night.

    A version of another family gets one when a run of it is first watched. Most never are, and
    answers for every student and week of a year take minutes.
    """
    if family_named(name).nightly:
        learn(settings, name, folder, progress=progress)


def learn(
    settings: Settings,
    name: str,
    folder: Path,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Reference | None:
    """Make and keep a version's reference: what it reads and predicts in the year up to a day.

    None in a district of too few students. as_of: the data's end unless given. How good its
    predictions are is measured on those of its weeks that lie after the ones it was trained on, or
    on all if it was trained elsewhere.
    """
    family, about = family_named(name), folders.check(folder)
    model = comparison.opened(family, folder)
    with snapshots.connect(settings, features=True) as con:
        end = as_of or build.as_of(con)
        periods.hide_later(con, settings.outcomes, end)
        given = {"as_of": end, "weeks": WEEKS, "every": EVERY, "most": MOST}
        rows = sql.table(con, "lifecycle/sampled", given)
        mondays = sorted(set(rows["week_start"].to_pylist()))
        if not mondays or len(rows) < len(mondays) * shift.FEWEST:
            return None
        unseen_from = first_unseen(con, folder, about)
        weeks, judged, expected = [], [], []
        for n, monday in enumerate(mondays):
            mine = rows.filter(pc.equal(rows["week_start"], pa.scalar(monday)))
            schools = dict(zip(*(mine[key].to_pylist() for key in _KEYS), strict=True))
            examples = family.ask(
                con, settings.all_rules, list(schools), sunday(monday), family.question()
            )
            said = family.predict(model, examples, settings.all_rules)
            weeks.append(week_of(monday, examples, said, schools))
            if family.watching is not None and monday >= unseen_from:
                came = family.watching.came(con, settings.all_rules, [monday])
                judged.append(live.judge(family.watching, settings.all_rules, said, came))
                expected.append(live.estimated_auc(family.watching, said))
            if progress is not None:
                progress("reference", n + 1, len(mondays))
    found = replace(counted(about.version, end, weeks), baseline=_baseline(judged, expected))
    keep(settings, name, found)
    return found


def week_of(monday: date, examples: Any, said: pa.Table, schools: Mapping[str, str]) -> Week:
    """The columns of one week.  said: ANSWERS.  schools: the school of each student."""
    inputs = examples.inputs()
    where = np.array([schools.get(who, "") for who in examples.who.tolist()], np.str_)
    columns = {name: Column(shift.numbers_of(inputs[name]), where) for name in inputs.column_names}
    whose = np.array([schools.get(who, "") for who in said["subject"].to_pylist()], np.str_)
    columns[SCORE] = Column(np.asarray(said["value"].to_numpy(), float), whose)
    return Week(monday, columns)


def counted(version: str, as_of: date, weeks: Sequence[Week]) -> Reference:
    """The reference that some weeks make."""
    names = tuple(weeks[0].columns)
    bins = [Bins.of(np.concatenate([w.columns[name].values for w in weeks])) for name in names]
    schools = tuple(
        sorted({where for week in weeks for where in np.unique(week.columns[names[0]].school)})
    )
    most = max(len(each.means) for each in bins) + 1
    counts = np.zeros((len(weeks), len(schools), len(names), most), np.int64)
    for w, week in enumerate(weeks):
        for f, name in enumerate(names):
            for s, school in enumerate(schools):
                one = bins[f].count(week.columns[name].of(school))
                counts[w, s, f, : len(one)] = one
    mondays = np.array([week.monday for week in weeks], "datetime64[D]")
    return Reference(version, as_of, mondays, schools, names, tuple(bins), counts)


def _baseline(judged: list[Judged], expected: list[float | None]) -> dict[str, Measured]:
    """How good the version was on all its weeks together, and the AUC that was to be expected."""
    found = live.figures(Judged.together(judged)) if judged else {}
    aucs = [each for each in expected if each is not None]
    if aucs:
        found["auc_estimate"] = Measured(float(np.mean(aucs)), float(np.std(aucs)), len(aucs))
    return found


def first_unseen(con: DuckDBPyConnection, folder: Path, about: folders.Header) -> date:
    """The day after the last that a version was trained on; the first of all if not here."""
    tested = evaluations.tested_on(registry.metrics_of(folder))
    if whose(con).district not in [each.district for each in tested]:
        return date.min
    return date.fromisoformat(about.data_range[1]) + timedelta(days=1)


def _path(settings: Settings, family: str, version: str) -> Path:
    return settings.home / "models" / family / "references" / f"{version}.npz"
