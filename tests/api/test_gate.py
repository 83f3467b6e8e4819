"""Who gets in: every route asks for a token that is valid now, and for no one else's students."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.actions.tokens import revoke_token
from edupulse_core.api import gate
from edupulse_core.config import Settings, load_settings
from edupulse_core.people import tokens, trail
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import tokens as kept
from edupulse_core.store.database import open_store
from tests.api.conftest import bearing, token

Headers = dict[str, str]
V1 = "/api/v1"
FILLED = {"student_id": "dee", "model_id": "risk-4", "plot": "roc_curve"}
ABOUT_STUDENTS = {  # tags
    *("students", "predictions", "learning", "resources"),
    *("difficulty", "study time", "admission"),
}


def routes(server: TestClient) -> list[tuple[str, str, list[str]]]:
    """Every route of the documentation: method, a real address, tags."""
    found = []
    for path, methods in server.get("/openapi.json").json()["paths"].items():
        for method, about in methods.items():
            for name in {*FILLED, "job_id", "alert_id", "update_id", "experiment_id"}:
                path = path.replace(f"{{{name}}}", FILLED.get(name, "x"))
            found.append((method.upper(), path, about["tags"]))
    return found


def guarded(server: TestClient) -> list[tuple[str, str, list[str]]]:
    return [each for each in routes(server) if each[1].startswith(V1)]


def expired(home: Settings) -> str:
    """The secret of a token that ended yesterday."""
    secret = "edu_expired"
    then = datetime.now(UTC) - timedelta(days=1)
    old = kept.Token("old", "old", "district", (), then - timedelta(days=90), "operator", then)
    if kept.named(open_store(home), "old") is None:
        kept.add(open_store(home), old, tokens.hashed(secret))
    return secret


def revoked(home: Settings) -> str:
    """The secret of a token that was revoked."""
    secret = token(home)
    found = kept.find(open_store(home), tokens.hashed(secret))
    assert found is not None
    revoke_token(OPERATOR, home, found.token_id)
    return secret


def test_every_route_refuses_a_missing_foreign_revoked_and_expired_token(
    server: TestClient, home: Settings
) -> None:
    sent: list[Headers] = [
        {},
        bearing("edu_" + "x" * 43),
        bearing(revoked(home)),
        bearing(expired(home)),
        {"Authorization": token(home)},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic " + token(home)},
    ]
    let_in = []
    for method, path, _ in guarded(server):
        for headers in sent:
            answer = server.request(method, path, headers=headers, content=b"{")
            if answer.status_code != 401:
                let_in.append((method, path, answer.status_code))
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]

    assert let_in == []
    assert len(guarded(server)) > 20


def test_a_token_works_until_it_is_revoked_and_not_a_moment_longer(
    server: TestClient, home: Settings
) -> None:
    secret = token(home)
    before = server.get(f"{V1}/students", headers=bearing(secret)).status_code
    found = kept.find(open_store(home), tokens.hashed(secret))
    assert found is not None and found.used_at is not None

    revoke_token(OPERATOR, home, found.token_id)

    assert before == 200
    assert server.get(f"{V1}/students", headers=bearing(secret)).status_code == 401


def test_a_token_without_the_role_is_refused_with_403(
    server: TestClient, steward: Headers, north: Headers
) -> None:
    wrong = []
    for method, path, tags in guarded(server):
        if path == f"{V1}/metrics":  # of everyone together: principals and stewards read it
            continue
        headers = steward if set(tags) & ABOUT_STUDENTS else north
        body = {"student_id": "ana", "student_ids": ["ana"], "reason": "x"}
        answer = server.request(method, path, headers=headers, json=body)
        if answer.status_code != 403:
            wrong.append((method, path, answer.status_code))

    assert wrong == []


def test_no_route_tells_a_schools_token_of_another_schools_student(
    server: TestClient, north: Headers
) -> None:
    told = []
    for method, path, tags in guarded(server):
        if not set(tags) & ABOUT_STUDENTS:
            continue
        body = {"student_id": "dee", "student_ids": ["dee", "ana", "eli"]}
        answer = server.request(method, path, headers=north, json=body)
        found = answer.text.replace('"not_found":["dee","eli"]', "")
        if any(name in found for name in ("Dee", "Diaz", '"dee"', "Eli", '"eli"')):
            told.append((method, path, answer.text))

    assert told == []


def test_a_student_of_others_is_looked_for_in_the_same_way_as_nobody(
    server: TestClient, north: Headers, home: Settings
) -> None:
    for path in ("students/{}", "students/{}/history", "predictions/history/{}"):
        answers = [server.get(f"{V1}/{path.format(s)}", headers=north) for s in ("dee", "nobody")]
        plain = [answer.json() | {"request_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert plain[0] == plain[1]
    assert trail.entries(home, action=trail.VIEW_STUDENT, subject="dee") == []


def test_an_unknown_address_is_a_problem_only_for_who_is_let_in(
    server: TestClient, north: Headers
) -> None:
    assert server.get("/nothing").status_code == 401
    answer = server.get("/nothing", headers=north)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert server.get("/%2e%2e/etc/passwd", headers=north).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_records_are_never_changed_by_http(
    server: TestClient, district: Headers, method: str
) -> None:
    path = f"{V1}/students" if method == "POST" else f"{V1}/students/ana"

    answer = server.request(method, path, headers=district, json={})

    assert answer.status_code == 405
    assert "import" in answer.json()["detail"]
    assert answer.headers["allow"] == "GET"


def test_a_body_that_is_too_large_is_refused_however_it_comes(
    server: TestClient, district: Headers
) -> None:
    large = b'{"student_id": "' + b"a" * 2**20 + b'"}'
    in_pieces = (large[at : at + 2**16] for at in range(0, len(large), 2**16))
    for content in (large, in_pieces):
        headers = {**district, "Content-Type": "application/json"}
        answer = server.post(f"{V1}/predict", content=content, headers=headers)
        assert answer.status_code == 413


def test_a_stranger_sends_no_body(server: TestClient) -> None:
    assert server.get("/health").status_code == 200
    assert server.request("GET", "/health", content=b"a").status_code == 413


def test_too_many_requests_of_one_token_wait_and_others_do_not(home: Settings) -> None:
    few = load_settings(home=home.home, api={"requests_a_minute": 3})
    with TestClient(api.app(few)) as client:
        mine, others = bearing(token(home)), bearing(token(home))
        said = [client.get(f"{V1}/students", headers=mine) for _ in range(4)]
        other = client.get(f"{V1}/students", headers=others)

    assert [answer.status_code for answer in said] == [200, 200, 200, 429]
    assert 1 <= int(said[-1].headers["retry-after"]) <= 61
    assert other.status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"student_id": "\\ud800"}',
        b'{"student_id": "a\\u0000b"}',
        b'{"student_id": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"student_id": NaN}',
        b'{"student_id": "ana", "date_range": {"end": "9999-12-31"}}',
        b'{"student_id": "ana", "date_range": {"end": "0001-01-01"}}',
        b'{"student_id": "ana", "date_range": {"end": 1e300}}',
        b'{"student_id": "ana", "student_ids": ["\\ud800"]}',
    ],
)
def test_nothing_that_a_client_sends_is_an_error_of_the_server(
    server: TestClient, district: Headers, content: bytes
) -> None:
    for path in ("predict", "predict/batch", "predictions/predict", "model-training/train"):
        for kind in ("application/json", "text/plain", "application/xml", ""):
            headers = {**district, "Content-Type": kind}
            answer = server.post(f"{V1}/{path}", content=content, headers=headers)
            assert answer.status_code < 500, (path, kind, answer.text)
            answer.json()


def test_an_unexpected_error_tells_nothing_but_the_requests_id(home: Settings) -> None:
    broken = api.app(home)

    @broken.get("/broken")
    def fail() -> None:
        raise RuntimeError("Ana Alvarez")

    with TestClient(broken) as client:
        answer = client.get("/broken", headers=bearing(token(home)))

    assert answer.status_code == 500
    assert answer.json()["detail"] == gate.UNEXPECTED
    assert "Ana" not in answer.text


def test_a_clients_own_request_id_is_told_back_if_it_is_harmless(server: TestClient) -> None:
    said = server.get("/health", headers={"X-Request-Id": "abcdef-123456"})
    evil = server.get("/health", headers={"X-Request-Id": 'x" onload="'})

    assert said.headers["x-request-id"] == "abcdef-123456"
    assert "onload" not in evil.headers["x-request-id"]
