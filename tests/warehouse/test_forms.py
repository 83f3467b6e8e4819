"""The same records in another form are the same records: order, case, blanks, quotes, packing."""

import csv
import gzip
import io
import random
import zipfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edupulse_core import demo
from edupulse_core.config import REPOSITORY, Settings
from edupulse_core.features.build import build
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.ingest import ingest
from edupulse_core.warehouse.sources import DEMOGRAPHICS, LEARNING

pytestmark = pytest.mark.slow

SUNDAY = date(2026, 11, 29)
WORDS = {  # columns whose words are listed
    "orgs": {"type"},
    "academicSessions": {"type"},
    "users": {"role", "status"},
    "roles": {"role"},
    "enrollments": {"role", "status"},
    "withdrawals": {"reason"},
    "results": {"scoreStatus", "status"},
    "attendance": {"status", "reason"},
    "incidents": {"action"},
    "skills": {"subject", "content_type"},
    "resources": {"kind"},
    "study_sessions": {"study_method", "environment"},
    "applications": {"outcome"},
    "manifest": {"propertyName"},
}
TRUTHS = {"isInstructional", "enabledUser", "correct", "completed", "research", *DEMOGRAPHICS}
TRUTHS -= {"metadata.mealStatus"}
MOMENTS = {"answeredAt", "usedAt", "startedAt"}
LISTS = {"skillSourcedIds", "prerequisiteSourcedIds"}
FORMS = {
    "true": ["true", "TRUE", "t", "Yes", "y", "1"],
    "false": ["false", "False", "F", "no", "N", "0"],
}
FORMS |= {"1": FORMS["true"], "0": FORMS["false"]}
PADDED = {  # dates and numbers
    "startDate",
    "endDate",
    "beginDate",
    "schoolYear",
    "date",
    "dueDate",
    "scoreDate",
    "birthDate",
    "score",
    "resultValueMin",
    "resultValueMax",
    "minutesMissed",
    "severity",
    "daysRemoved",
    "difficulty",
    "base_hours",
    "seconds",
    "attempt",
    "hints",
    "rating",
    "minutes",
    "hours",
    "energy_level",
    "breaks_taken",
    "tier",
    "admit_rate",
    "appliedOn",
    "gpa",
    "statement",
    "url",
}


def spell(rnd: random.Random, word: str) -> str:
    """Another spelling of a word: capitals and outer blanks."""
    letters = "".join(rnd.choice([letter.lower(), letter.upper()]) for letter in word)
    return pad(rnd, letters)


def pad(rnd: random.Random, text: str) -> str:
    blanks = ["", "", " ", "  ", "\t", "\xa0"]
    return f"{rnd.choice(blanks)}{text}{rnd.choice(blanks)}" if text else text


def moment(rnd: random.Random, text: str) -> str:
    """The same moment: a blank for the T, with seconds, or told from another time zone."""
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("America/New_York"))
    if "Z" in text or rnd.random() < 0.5:
        place = timezone(timedelta(minutes=rnd.choice([0, 60, -480, 330])))
        said = at.astimezone(place).isoformat()
        return said.replace("+00:00", rnd.choice(["Z", "z", "+00", "+0000"]))
    longer = text + (".000" if text.count(":") == 2 else ":00.000")
    return rnd.choice([text, text.replace("T", " "), longer.replace("T", "t")])


def rewrite(rnd: random.Random, name: str, text: str) -> bytes:
    """The same rows in another form."""
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = next(csv.reader(io.StringIO(text)))
    for row in rows:
        for column, value in row.items():
            if column in WORDS.get(name, ()):
                row[column] = spell(rnd, value)
            elif column in TRUTHS:
                row[column] = pad(rnd, rnd.choice(FORMS.get(value.lower(), [value])))
            elif column in PADDED:
                row[column] = pad(rnd, value)
            elif column in MOMENTS:
                row[column] = pad(rnd, moment(rnd, value))
            elif column in LISTS:
                row[column] = ",".join(pad(rnd, each) for each in value.split(","))
    rnd.shuffle(rows)
    rnd.shuffle(columns)
    quoting = rnd.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    ending = rnd.choice(["\n", "\r\n", "\r"])
    out = io.StringIO(newline="")
    write = csv.writer(out, quoting=quoting, lineterminator=ending)
    write.writerow([spell(rnd, column) for column in columns])
    for row in rows:
        write.writerow([row[column] for column in columns])
        out.write(ending * (rnd.random() < 0.01))  # a line without a character is no row
    body = out.getvalue()
    if rnd.random() < 0.5:
        body = body.removesuffix(ending)
    return (b"\xef\xbb\xbf" if rnd.random() < 0.5 else b"") + body.encode()


def pack(rnd: random.Random, files: dict[str, bytes], target: Path) -> Path:
    """Write files as a folder or a zip, some of them as .csv.gz, under names of any case."""
    for name in list(files):
        if rnd.random() < 0.3:
            files[f"{name}.gz"] = gzip.compress(files.pop(name))
    named = {rnd.choice([name, name.upper(), name.lower()]): data for name, data in files.items()}
    if rnd.random() < 0.5:
        target.mkdir()
        for name, data in named.items():
            (target / name).write_bytes(data)
        return target
    inside = rnd.choice(["", "export/"])
    with zipfile.ZipFile(target.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in named.items():
            archive.writestr(f"{inside}{name}", data)
    return target.with_suffix(".zip")


def features(home: Path, bundle: Path) -> list[tuple[object, ...]]:
    """Every student-week of a bundle with its features and outcome, to 9 decimals."""
    settings = Settings(home=home, import_day=SUNDAY)
    summary = ingest(settings, bundle)
    assert summary.rejects == {}
    build(settings, snapshots.current(settings))
    with snapshots.connect(settings, features=True) as con:
        rows = con.execute("from features.features").fetchall()
    return sorted(
        tuple(round(cell, 9) if isinstance(cell, float) else cell for cell in row) for row in rows
    )


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("district") / "demo"
    demo.write(out, students=30, years=1, weeks=9, end=SUNDAY, seed=3, truth=False)
    return out


@pytest.fixture(scope="module")
def expected(district: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    return features(tmp_path_factory.mktemp("expected"), district)


@pytest.mark.parametrize("seed", range(2))
def test_the_form_of_a_bundle_changes_no_feature(
    district: Path, expected: list[tuple[object, ...]], tmp_path: Path, seed: int
) -> None:
    rnd = random.Random(seed)
    files = {
        path.name: rewrite(rnd, path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(district.glob("*.csv"))
    }

    found = features(tmp_path / "home", pack(rnd, files, tmp_path / "bundle"))

    assert len(expected) > 100
    assert found == expected


def learning(home: Path, bundle: Path) -> dict[str, list[tuple[object, ...]]]:
    """The learning records of a bundle, table by table."""
    settings = Settings(home=home, import_day=date(2026, 10, 19))
    assert ingest(settings, bundle).rejects == {}
    with snapshots.connect(settings) as con:
        return {
            file.name: con.execute(f"from {file.name} order by all").fetchall() for file in LEARNING
        }


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    return learning(tmp_path_factory.mktemp("learned"), REPOSITORY / "data" / "example")


@pytest.mark.parametrize("seed", range(2))
def test_the_form_of_a_bundle_changes_no_learning_record(
    learned: dict[str, list[tuple[object, ...]]], tmp_path: Path, seed: int
) -> None:
    rnd = random.Random(seed)
    files = {
        path.name: rewrite(rnd, path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((REPOSITORY / "data" / "example").glob("*.csv"))
    }

    found = learning(tmp_path / "home", pack(rnd, files, tmp_path / "bundle"))

    assert all(learned.values())
    assert found == learned
