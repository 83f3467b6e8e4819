"""`edupulse monitor`, `alerts`, `triggers` and `update`, as an operator types them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edupulse_core.config import load_settings
from edupulse_core.store import alerts
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import open_store

Edupulse = Callable[..., int]


def raise_one(home: Path, kind: str = "drift") -> Alert:
    details = {
        "drift": {"inputs": {"grd_gpa_ytd": {}}},
        "volume": {"students": 80, "usual": 120.0},
        "estimated_auc": {"now": 0.74, "before": 0.81},
        "performance": {"figures": {"auc": {"now": 0.7, "before": 0.8, "rows": 300}}},
    }[kind]
    given = Alert("risk", "risk-4", kind, "warning", details=details, at=datetime.now(UTC))
    with open_store(load_settings(home=home)).writing() as connection:
        made = alerts.add(connection, given)
    assert made is not None
    return made


def test_monitoring_prints_figures_or_one_json_object(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("monitor", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["families"]

    assert edupulse("monitor") == 0
    said = capsys.readouterr().out

    assert found["family"] == "risk" and found["alerts"] == []
    assert {"volume", "score", "psi", "ks"} <= {each["name"] for each in found["figures"]}
    assert "students with an answer" in said and "0 new alerts" in said


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("drift", "Grade point average"),
        ("volume", "80 students"),
        ("estimated_auc", "0.74"),
        ("performance", "AUC 0.70 instead of 0.80"),
    ],
)
def test_an_open_alert_is_listed_in_a_sentence(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str], kind: str, words: str
) -> None:
    made = raise_one(home, kind)

    edupulse("alerts")

    said = capsys.readouterr().out
    assert made.alert_id in said and words in said


def test_an_alert_is_acknowledged_closed_and_then_listed_no_more(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    made = raise_one(home)

    codes = [
        edupulse("alerts", "acknowledge", made.alert_id),
        edupulse("alerts", "close", made.alert_id),
        edupulse("alerts", "close", made.alert_id, "--note", "a new scale"),
        edupulse("alerts", "close", made.alert_id, "--note", "again"),
        edupulse("alerts", "close", "nothing", "--note", "x"),
    ]
    capsys.readouterr()
    edupulse("alerts", "--json")
    still_open = json.loads(capsys.readouterr().out)["alerts"]
    edupulse("alerts", "--all", "--json")
    (every,) = json.loads(capsys.readouterr().out)["alerts"]

    assert codes == [0, 3, 0, 4, 3]
    assert still_open == []
    assert (every["status"], every["note"]) == ("closed", "a new scale")


def test_triggers_are_looked_at_and_then_listed(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("triggers", "risk")
    assert "Nobody has looked yet" in capsys.readouterr().out

    assert edupulse("triggers", "risk", "--check", "--json") == 0
    looked = json.loads(capsys.readouterr().out)["triggers"]
    edupulse("triggers", "risk", "--json")
    listed = json.loads(capsys.readouterr().out)["triggers"]

    assert {each["name"] for each in looked} == {"new_labels", "age", "error", "drift"}
    assert {each["name"] for each in listed} == {each["name"] for each in looked}
    assert edupulse("triggers", "nothing") == 3
