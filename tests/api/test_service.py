"""The service itself: that it lives, whether it can answer, its documentation, its counters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions.jobs import cancel
from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import jobs
from edupulse_core.store.database import open_store
from edupulse_core.store.jobs import Job
from tests.api.conftest import bearing, token

Headers = dict[str, str]


def test_it_says_what_it_is_and_that_it_lives(server: TestClient) -> None:
    assert set(server.get("/").json()) == {"message", "version", "docs"}
    assert server.get("/health").json()["status"] == "healthy"
    assert set(server.get("/health").json()) == {"status", "timestamp", "environment"}
    assert server.get("/health").json()["environment"] == "demo"


def test_it_is_ready_with_data_and_not_before(server: TestClient, tmp_path: Path) -> None:
    ready = server.get("/ready")
    with TestClient(api.app(load_settings(home=tmp_path))) as client:
        before = client.get("/ready")
        headers = bearing(token(load_settings(home=tmp_path)))
        asked = client.get("/api/v1/students", headers=headers)

    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["checks"]) == {"database", "warehouse", "model", "queue", "ready"}
    assert (before.status_code, before.json()["status"]) == (503, "not ready")
    assert before.json()["checks"]["warehouse"] is False
    assert asked.status_code == 503


def test_it_is_not_ready_while_jobs_wait_for_a_worker(server: TestClient, home: Settings) -> None:
    before = datetime.now(UTC) - timedelta(minutes=5)
    jobs.add(open_store(home), Job("waits", "score", {}, "sam", "steward", created_at=before))

    waiting = server.get("/ready")
    cancel(OPERATOR, home, "waits")
    after = server.get("/ready")

    assert (waiting.status_code, after.status_code) == (503, 200)
    assert [name for name, fine in waiting.json()["checks"].items() if not fine] == [
        "queue",
        "ready",
    ]


def test_the_documentation_asks_no_other_server(server: TestClient) -> None:
    for path in ("/docs", "/redoc"):
        page = server.get(path).text
        files = [part.partition('"')[0] for part in page.split('src="')[1:]]
        assert files and all(file.startswith("/docs/files/") for file in files)
        assert all(server.get(file).status_code == 200 for file in files)
        assert "https://" not in page


def test_the_counters_are_open_to_this_machine_alone(home: Settings, district: Headers) -> None:
    app = api.app(home)
    with TestClient(app, client=("127.0.0.1", 50_000)) as here:
        here.post("/api/v1/predict", json={"student_id": "ana"}, headers=district)
        text = here.get("/metrics").text
        through_a_proxy = here.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
    with TestClient(app, client=("10.0.0.9", 50_000)) as elsewhere:
        refused = elsewhere.get("/metrics")
        allowed = elsewhere.get("/metrics", headers=district)

    assert 'edupulse_predictions_total{source="stored"} 1.0' in text
    assert 'route="/api/v1/predict",status="200"' in text
    assert through_a_proxy.status_code == refused.status_code == 401
    assert allowed.status_code == 200


def test_the_counters_ask_for_a_token_where_the_settings_say_so(
    home: Settings, district: Headers
) -> None:
    closed = load_settings(home=home.home, api={"metrics": "token"})
    with TestClient(api.app(closed), client=("127.0.0.1", 50_000)) as here:
        assert here.get("/metrics").status_code == 401
        assert here.get("/metrics", headers=district).status_code == 200
