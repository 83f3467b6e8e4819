"""A home whose store was written before there were families shows what it showed then."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from edupulse_core import demo
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk
from edupulse_core.queries.district import open_district
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import audit, tables
from edupulse_core.store.database import open_store
from edupulse_core.warehouse import ingest
from tests.stored import newest_first

KEPT = REPOSITORY / "tests" / "store"
LEAD = Viewer("lead", "Lead", frozenset({"district"}))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """The demo that was scored then, imported today, beside the store of then."""
    settings = load_settings(home=tmp_path / "home", import_day=date(2026, 11, 23))
    demo.write(tmp_path / "bundle", students=60, years=1, weeks=12, end=date(2026, 11, 22))
    published = ingest.ingest(settings, tmp_path / "bundle").published
    script = (KEPT / "store_of_before.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(settings.data / "store.db")) as store:
        store.executescript(script.replace("@warehouse@", published))
    return settings


def test_the_same_list_audit_and_activation_stand_after_the_migration(home: Settings) -> None:
    expected = json.loads((KEPT / "list_of_before.json").read_text(encoding="utf-8"))

    district = open_district(home)
    pages = [at_risk.students(LEAD, district, at_risk.Filters(), page).rows for page in (1, 2)]

    rows = [row for page in pages for row in page.to_pylist()]
    assert [[row["student_id"], row["risk_score"], row["tier"]] for row in rows] == expected
    reasons = StudentRecord(LEAD, district, rows[0]["student_id"]).reasons
    assert reasons and all("the score" in one.sentence and not one.mover for one in reasons)
    store = open_store(home)
    assert [one.action for one in audit.entries(store)] == ["score", "activate", "score", "import"]
    (activation,) = newest_first(store, tables.activations)
    assert (activation.family, activation.version) == ("risk", "risk-4")
