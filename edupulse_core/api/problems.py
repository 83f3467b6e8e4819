"""Errors as `application/problem+json`: one sentence, the request's id, and for bad input where."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from edupulse_core.actions.sessions import refuse_access
from edupulse_core.errors import (
    AccessError,
    ConfigError,
    EduPulseError,
    InputError,
    MissingError,
    ModelError,
    RefusedError,
)
from edupulse_core.people.access import UNKNOWN_STUDENT

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Token required",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Refused",
    413: "Too large",
    422: "Invalid request",
    429: "Too many requests",
    500: "Error",
    503: "Not ready",
}
MOST_ERRORS = 20
NO_JSON = "The body is not valid JSON; the first mistake is at character {place}."


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Where it is, such as body.student_id.")
    detail: str


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="One sentence for people.")
    request_id: str
    errors: list[FieldProblem] | None = None
    reasons: list[str] | None = Field(None, description="Of a check that refuses, each reason.")
    issues: list[str] | None = Field(None, description="What is wrong with the data.")
    recommendations: list[str] | None = None
    report: dict[str, Any] | None = None


class NotReadyError(EduPulseError):
    """The server lacks what it needs: data, or a model."""


class BadRequestError(EduPulseError):
    """The request is well formed, but cannot be done.

    more: further fields of the problem.
    """

    def __init__(self, sentence: str, **more: Any) -> None:
        super().__init__(sentence)
        self.more = more


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's errors: those of every route, and more."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = sorted({401, 403, 422, 429, 503, *statuses})
    return {
        status: {"model": Problem, "description": TITLES[status], "content": content}
        for status in every
    }


def answer(
    status: int,
    detail: str,
    request_id: str,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """A problem as a response."""
    said = Problem(
        title=TITLES.get(status, "Error"),
        status=status,
        detail=_plain(detail),
        request_id=request_id,
        **more,
    )
    body = said.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of an app as a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _refused)  # type: ignore[arg-type]
    app.add_exception_handler(EduPulseError, _explained)  # type: ignore[arg-type]


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    problems = error.errors()
    if problems and problems[0]["type"] == "json_invalid":
        place = problems[0]["loc"][-1]
        told = [FieldProblem(field="body", detail=NO_JSON.format(place=place))]
        return answer(422, told[0].detail, request.state.request_id, errors=told)
    told = [
        FieldProblem(field=_plain(_field(one["loc"])), detail=_plain(one["msg"]))
        for one in problems[:MOST_ERRORS]
    ]
    first = f"{told[0].field}: {told[0].detail}" if told else "the request cannot be read"
    return answer(422, first, request.state.request_id, errors=told)


def _field(place: Sequence[int | str]) -> str:
    """Where a field is, without the validators that pydantic names where several kinds fit."""
    return ".".join(str(part) for part in place if "[" not in str(part))


async def _refused(request: Request, error: HTTPException) -> JSONResponse:
    headers = dict(error.headers or {})
    said = "There is no such address." if error.status_code == 404 else str(error.detail)
    return answer(error.status_code, said, request.state.request_id, headers)


async def _explained(request: Request, error: EduPulseError) -> JSONResponse:
    if isinstance(error, AccessError):
        await _note(request, error)
    more: dict[str, Any] = error.more if isinstance(error, BadRequestError) else {}
    if isinstance(error, RefusedError):
        more = {"reasons": list(error.reasons) or [str(error)]}
    return answer(status_of(error), str(error), request.state.request_id, **more)


async def _note(request: Request, error: AccessError) -> None:
    """Keep in the audit that somebody asked for what is not theirs."""
    if request.method == "POST" and status_of(error) == 404:
        return  # the body names the student, and the action has noted whom
    settings, asked = request.app.state.settings, request.url.path
    with suppress(EduPulseError):  # nothing is shown, so a store that is full refuses all the same
        await run_in_threadpool(refuse_access, request.state.actor, settings, asked)


def status_of(error: EduPulseError) -> int:
    """The HTTP status that stands for an error."""
    if isinstance(error, AccessError):
        return 404 if str(error) == UNKNOWN_STUDENT else 403
    if isinstance(error, NotReadyError | ConfigError | ModelError):
        return 503
    if isinstance(error, BadRequestError):
        return 400
    if isinstance(error, RefusedError):
        return 409
    if isinstance(error, MissingError):
        return 404
    return 422 if isinstance(error, InputError) else 500


def _plain(text: str) -> str:
    """Text that any client can read: what is no Unicode, such as half a letter, is marked."""
    return text.encode("utf-8", "replace").decode()
