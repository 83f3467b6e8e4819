"""Students by HTTP: a bare list with its total, one record, their weeks, the ranked list."""

from starlette.testclient import TestClient

from edupulse_core.config import Settings
from edupulse_core.people import trail

Headers = dict[str, str]
FIELDS = {
    *("id", "district_id", "first_name", "last_name", "grade_level", "gpa", "attendance_rate"),
    *("enrollment_date", "created_at", "updated_at", "student_metadata"),
}


def test_the_list_is_bare_and_its_total_is_in_a_header(server: TestClient, north: Headers) -> None:
    answer = server.get("/api/v1/students?skip=1&limit=1", headers=north)

    assert [one["id"] for one in answer.json()] == ["ben"]
    assert answer.headers["x-total-count"] == "4"
    assert set(answer.json()[0]) == FIELDS
    past = server.get("/api/v1/students?skip=900", headers=north)
    assert (past.json(), past.headers["x-total-count"]) == ([], "4")
    assert server.get("/api/v1/students?limit=501", headers=north).status_code == 422


def test_a_record_says_who_where_and_how(
    server: TestClient, district: Headers, home: Settings
) -> None:
    said = server.get("/api/v1/students/dee", headers=district).json()

    assert (said["first_name"], said["last_name"], said["grade_level"]) == ("Dee", "Diaz", 9)
    assert said["district_id"] == "district"
    assert said["enrollment_date"] == "2026-08-17"
    assert said["student_metadata"]["school"] == "South High School"
    assert 0 <= said["attendance_rate"] <= 1
    assert trail.entries(home, action=trail.VIEW_STUDENT, subject="dee")


def test_who_has_left_is_found_by_id(server: TestClient, district: Headers) -> None:
    said = server.get("/api/v1/students/gus", headers=district).json()

    assert said["student_metadata"]["is_enrolled"] is False


def test_the_weeks_come_oldest_first(server: TestClient, district: Headers) -> None:
    said = server.get("/api/v1/students/ana/history", headers=district).json()

    weeks = [week["week_start"] for week in said["weeks"]]
    assert weeks == sorted(weeks) and weeks[-1] == "2026-11-09"
    assert said["weeks"][-1]["days_absent"] == 1.0


def test_the_ranking_is_cut_to_a_level_and_a_grade(server: TestClient, district: Headers) -> None:
    every = server.get("/api/v1/at-risk", headers=district).json()
    critical = server.get("/api/v1/at-risk?tier=critical&grade=8&limit=5", headers=district).json()

    assert every["students"][0]["student_id"] == "ana" and every["students"][0]["rank"] == 1
    assert every["total"] > len(critical["students"]) == critical["total"] == 1
    assert every["model_version"] == "risk-4"
    assert server.get("/api/v1/at-risk?tier=awful", headers=district).status_code == 422


def test_who_asks_for_what_is_not_theirs_is_in_the_audit(
    server: TestClient, north: Headers, steward: Headers, home: Settings
) -> None:
    asked = (
        ("GET", "/api/v1/students/dee", north, 404),
        ("GET", "/api/v1/students/nobody/history", north, 404),
        ("GET", "/api/v1/predictions/history/dee", north, 404),
        ("GET", "/api/v1/students", steward, 403),
        ("POST", "/api/v1/model-training/activate/risk-4", north, 403),
    )
    for method, path, headers, status in asked:
        assert server.request(method, path, headers=headers).status_code == status

    noted = [line.subject for line in trail.entries(home, action=trail.REFUSED_ACCESS)]
    assert noted == [path for _, path, _, _ in reversed(asked)]


def test_a_verdict_on_anothers_student_is_refused_and_noted(
    server: TestClient, steward: Headers, home: Settings
) -> None:
    given = {"prediction_id": "1:dee", "actual_outcome": "true_positive"}

    answer = server.post(
        "/api/v1/train/update", json={"feedback_corrections": [given]}, headers=steward
    )

    assert answer.status_code == 404
    assert trail.entries(home, action=trail.REFUSED_ACCESS)[0].subject == "dee"
