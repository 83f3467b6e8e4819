"""What staff know after the fact is kept as verdicts, and a new version is made of it."""

import pytest
from starlette.testclient import TestClient

from edupulse_core.config import Settings
from edupulse_core.store.database import open_store
from edupulse_core.store.tables import verdicts
from tests.stored import newest_first

Headers = dict[str, str]
V1 = "/api/v1"


def prediction_of(server: TestClient, student: str, headers: Headers) -> str:
    answer = server.post(f"{V1}/predict", json={"student_id": student}, headers=headers)
    found: str = answer.json()["prediction"]["id"]
    return found


def test_a_correction_is_kept_and_the_update_is_a_job(
    server: TestClient, district: Headers, home: Settings
) -> None:
    correction = {
        "prediction_id": prediction_of(server, "ana", district),
        "actual_outcome": "false_positive",
        "educator_notes": "had the flu",
    }
    asked = {"student_outcomes": [{}], "feedback_corrections": [correction]}

    begun = server.post(f"{V1}/train/update", json=asked, headers=district)
    state = server.get(f"{V1}/train/status/{begun.json()['update_id']}", headers=district).json()

    assert (begun.status_code, begun.json()["status"]) == (202, "queued")
    assert begun.json()["corrections_kept"] == 1 and begun.json()["message"]
    assert {"update_id", "status", "progress", "estimated_completion"} == set(state)
    assert (state["status"], state["progress"]) == ("queued", 0.0)
    (verdict,) = newest_first(open_store(home), verdicts)
    assert (verdict.student_id, verdict.outcome) == ("ana", "false_positive")


@pytest.mark.parametrize(
    ("prediction", "status"),
    [
        ("99999:ana", 404),
        ("1:nobody", 404),
        ("1:STU00871 x\\", 404),
        ("9" * 40 + ":ana", 422),
        ("ana", 422),
        ("1:", 422),
        ("1:an\0a", 422),
    ],
)
def test_a_correction_of_no_prediction_is_refused(
    server: TestClient, district: Headers, prediction: str, status: int
) -> None:
    correction = {"prediction_id": prediction, "actual_outcome": "true_positive"}

    answer = server.post(
        f"{V1}/train/update", json={"feedback_corrections": [correction]}, headers=district
    )

    assert answer.status_code == status


def test_the_performance_of_past_predictions_is_told_to_who_answers_for_a_school(
    server: TestClient, north: Headers
) -> None:
    said = server.get(f"{V1}/metrics?start_date=2026-01-01", headers=north).json()

    assert said["data_coverage"] == {
        "total_students": 6,
        "predictions_made": 12,
        "outcomes_tracked": 0,
    }
    assert set(said["performance_metrics"]) == {
        *("precision_at_10", "recall_at_10", "average_lead_time_days", "false_positive_rate")
    }
    wrong = server.get(f"{V1}/metrics?start_date=2026-02-01&end_date=2026-01-01", headers=north)
    assert wrong.status_code == 422
