"""What the API's own description says, and that whatever is sent gets an answer it describes."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from edupulse_core import api
from edupulse_core.config import Settings

EXAMPLES = 2  # of each route and role
PATIENCE = 300  # s; the first request of some loads a slow library
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(home: Settings) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", api.app(home))


@pytest.fixture(params=["steward", "district"], scope="module")
def headers(request: pytest.FixtureRequest) -> dict[str, str]:
    found: dict[str, str] = request.getfixturevalue(request.param)
    return found


@pytest.mark.slow
def test_no_request_gets_an_answer_that_is_not_described(
    described: Any, headers: dict[str, str]
) -> None:
    for result in described.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=PATIENCE)

        ask()


def test_every_row_of_the_contract_is_described(server: TestClient) -> None:
    described = server.get("/openapi.json").json()["paths"]
    has = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}

    assert CONTRACT - has == set()


V1 = "/api/v1"
MT = f"{V1}/model-training"
CONTRACT = {
    "GET /",
    "GET /health",
    "GET /ready",
    "GET /metrics",
    f"GET {V1}/students",
    f"GET {V1}/students/{{student_id}}",
    f"GET {V1}/students/{{student_id}}/history",
    f"POST {V1}/predict",
    f"POST {V1}/predict/batch",
    f"POST {V1}/predictions/predict",
    f"POST {V1}/predictions/predict-batch",
    f"GET {V1}/predictions/history/{{student_id}}",
    f"GET {V1}/at-risk",
    f"GET {V1}/metrics",
    f"POST {V1}/train/update",
    f"GET {V1}/train/status/{{update_id}}",
    f"POST {MT}/train",
    f"GET {MT}/jobs",
    f"GET {MT}/jobs/{{job_id}}",
    f"DELETE {MT}/jobs/{{job_id}}",
    f"POST {MT}/evaluate/{{model_id}}",
    f"GET {MT}/evaluate/{{model_id}}/results",
    f"GET {MT}/models",
    f"GET {MT}/models/{{model_id}}",
    f"POST {MT}/activate/{{model_id}}",
    f"POST {MT}/compare",
    f"GET {MT}/metrics/{{model_id}}",
    f"GET {MT}/feature-importance/{{model_id}}",
    f"POST {MT}/deactivate/{{model_id}}",
    f"POST {MT}/rollback",
    f"GET {MT}/alerts",
    f"POST {MT}/alerts/{{alert_id}}/acknowledge",
    f"POST {MT}/alerts/{{alert_id}}/close",
    f"GET {MT}/status",
    f"POST {MT}/data-quality",
    f"POST {MT}/tune",
    f"GET {MT}/triggers",
    f"GET {MT}/experiments",
    f"POST {MT}/experiments",
    f"POST {MT}/experiments/{{experiment_id}}/promote",
    f"POST {MT}/experiments/{{experiment_id}}/stop",
}
