"""Every error that EduPulse raises on purpose; a door turns each into one sentence.

EduPulseError            exit 1
├── InputError           exit 3: something given from outside cannot be used
│   ├── SourceError      a district file cannot be read as what it claims to be
│   ├── ConfigError      edupulse.toml, the environment or a model folder's config is wrong
│   └── ModelError       a checkpoint is missing, damaged or does not match the features
├── RefusedError         exit 4: a gate says no (too many rejects, a demo over real data, ...)
├── MissingError         exit 3: what was asked for is not there (no import yet, no such version)
└── AccessError          not the viewer's to see, or not there at all: one answer for both
"""

from collections.abc import Mapping
from typing import Any


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
    """A gate says no; nothing was changed.

    gate: which one, for the audit trail; empty where nothing is noted.
    counts: what it counted, without a value of a file.
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
