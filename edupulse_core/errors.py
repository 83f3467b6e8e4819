"""Every error that EduPulse raises on purpose. The command line and the pages show its sentence.

EduPulseError            exit 1
├── InputError           exit 3: something given from outside cannot be used
│   ├── SourceError      a district file cannot be read as what it claims to be
│   ├── ConfigError      edupulse.toml, the environment or a model folder's config is wrong
│   └── ModelError       a checkpoint is missing, damaged or does not match the features
├── RefusedError         exit 4: a gate says no (too many rejects, a demo over real data, ...)
├── MissingError         exit 3: what was asked for is not there (no import yet, no such version)
│   └── UntrainedError   no version of a family serves, and none is being trained
├── CancelledError       somebody cancelled the job that does this
└── AccessError          the viewer may not see it, or it does not exist: one answer for both
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

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


class Problem(NamedTuple):
    """One thing that keeps a bundle from being imported, and where it is."""

    file: str  # as the district named it
    reason: str
    row: int | None = None  # the header is 1
    column: str | None = None

    def __str__(self) -> str:
        """One line for people."""
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            is_place = self.column.isdecimal()  # no header names it
            where.append(f"column {self.column if is_place else repr(self.column)}")
        return f"{', '.join(where)}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """What `edupulse ingest --json` prints for a problem."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "reason": self.reason,
        }


class EduPulseError(Exception):
    """Anything that EduPulse can explain in one sentence."""

    exit_code = 1
    problems: tuple[Problem, ...] = ()  # file by file, where there is more than one to tell


class InputError(EduPulseError):
    """Something given from outside cannot be used."""

    exit_code = 3


class SourceError(InputError):
    """District files cannot be read as what they claim to be; one line for each problem."""

    def __init__(
        self, problem: str, *, file: str, row: int | None = None, column: str | None = None
    ) -> None:
        self._tell([Problem(file, problem, row, column)])

    def _tell(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Self:
        """One error for all the problems of a bundle."""
        error = cls("", file="")
        error._tell(problems)
        return error


class ConfigError(InputError):
    """A setting is unknown or out of range."""


class ModelError(InputError):
    """A checkpoint is missing, damaged or does not match the features."""


class MissingError(InputError):
    """What was asked for is not there yet."""


class UntrainedError(MissingError):
    """No version of a family serves, and none is being trained."""

    def __init__(self, sentence: str, family: str) -> None:
        super().__init__(sentence)
        self.family = family


class CancelledError(EduPulseError):
    """Somebody cancelled what was being done."""


class RefusedError(EduPulseError):
    """A check says no, and nothing was changed.

    gate: which check, for the audit trail; empty if nothing is noted there.
    counts: what it counted; quotes nothing from the files.
    problems: the same file by file, where the check is about files.
    reasons: one sentence for each, where there may be several.
    """

    exit_code = 4

    def __init__(
        self,
        sentence: str,
        *,
        gate: str = "",
        counts: Mapping[str, Any] | None = None,
        problems: Sequence[Problem] = (),
        reasons: Sequence[str] = (),
    ) -> None:
        super().__init__(sentence)
        self.gate = gate
        self.reasons = tuple(reasons)
        self.counts = dict(counts or {})
        self.problems = tuple(problems)


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
