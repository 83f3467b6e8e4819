"""Every error that EduPulse raises on purpose. The command line and the pages show its sentence.

EduPulseError            exit 1
├── InputError           exit 3: something given from outside cannot be used
│   ├── SourceError      a district file cannot be read as what it claims to be
│   ├── ConfigError      edupulse.toml, the environment or a model folder's config is wrong
│   └── ModelError       a checkpoint is missing, damaged or does not match the features
├── RefusedError         exit 4: a gate says no (too many rejects, a demo over real data, ...)
├── MissingError         exit 3: what was asked for is not there (no import yet, no such version)
└── AccessError          the viewer may not see it, or it does not exist: one answer for both
"""

from collections.abc import Mapping
from typing import Any

_A_DATE = "is not a date such as 2026-01-31"
_A_TABLE = "is not a table of settings"
_WRONG = {  # pydantic's kind of problem → what follows the value in a sentence
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "string_type": "is not text",
    "tuple_type": "is not a list",
    "dataclass_type": _A_TABLE,
    "model_type": _A_TABLE,
    "date_type": _A_DATE,
    "date_from_datetime_parsing": _A_DATE,
    "date_from_datetime_inexact": _A_DATE,
    "greater_than_equal": "is less than {ge}",
    "greater_than": "is not more than {gt}",
    "less_than_equal": "is more than {le}",
    "less_than": "is not less than {lt}",
    "literal_error": "is not {expected}",
}


class EduPulseError(Exception):
    """Anything that EduPulse can explain in one sentence."""

    exit_code = 1


class InputError(EduPulseError):
    """Something given from outside cannot be used."""

    exit_code = 3


class SourceError(InputError):
    """A district file cannot be read as what it claims to be."""

    def __init__(
        self, problem: str, *, file: str, row: int | None = None, column: str | None = None
    ) -> None:
        where = [file]
        if row is not None:
            where.append(f"row {row}")
        if column is not None:
            where.append(f"column {column!r}")
        super().__init__(f"{', '.join(where)}: {problem}")


class ConfigError(InputError):
    """A setting is unknown or out of range."""


class ModelError(InputError):
    """A checkpoint is missing, damaged or does not match the features."""


class MissingError(InputError):
    """What was asked for is not there yet."""


class RefusedError(EduPulseError):
    """A check says no, and nothing was changed.

    gate: which check, for the audit trail; empty if nothing is noted there.
    counts: what it counted; quotes nothing from the files.
    """

    exit_code = 4

    def __init__(
        self, sentence: str, *, gate: str = "", counts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(sentence)
        self.gate = gate
        self.counts = dict(counts or {})


class AccessError(EduPulseError):
    """The viewer may not see this, or it does not exist; nobody learns which."""


def what_is_wrong(problem: Mapping[str, Any]) -> str:
    """Put one of pydantic's `errors()` into words that follow the setting's name."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "there is no such setting"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in _WRONG:
        return f"{problem['input']!r} {_WRONG[kind].format_map(context)}"
    return f"{problem['msg']}, found {problem['input']!r}"
