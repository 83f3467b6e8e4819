"""Evaluations of versions, kept in the home with its models."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, ModelError
from edupulse_core.families.evaluation import EvaluatedOn, Evaluation
from edupulse_core.lifecycle import registry

E = TypeVar("E", bound=Evaluation)


def check_places(settings: Settings, family: str, html: Path | None = None) -> None:
    """Raise InputError, before the work starts, if nothing could be written."""
    files.check_folder(_folder(settings, family))
    if html is not None:
        files.check_folder(html.parent)
        if html.is_dir():
            raise InputError(f"{html} is a folder, not a page's file")


def keep(settings: Settings, family: str, report: Evaluation) -> Path:
    """Keep an evaluation as `models/<family>/evaluations/<version>.json` of the home.

    A later evaluation of a version replaces it.
    """
    return files.write(_path(settings, family, report.version), report.model_dump_json())


def kept(settings: Settings, family: str, version: str, shape: type[E]) -> E | None:
    """The kept evaluation of a version; None if it was never evaluated here.

    Raises ModelError for a damaged file, and for one in the format of an earlier EduPulse.
    """
    value = _read(settings, family, version)
    if value is None:
        return None
    try:
        return shape.model_validate(value)
    except ValidationError:
        raise ModelError(
            f"the evaluation of {version} was made by an earlier version of EduPulse; run "
            f"`edupulse evaluate {family}` again"
        ) from None


def page_path(settings: Settings, family: str, version: str) -> Path:
    """Where the page of a version's evaluation is written by default."""
    return _folder(settings, family) / f"{version}.html"


def was_evaluated_on(settings: Settings, family: str, folder: Path, district: str) -> bool:
    """Whether a version was evaluated on this district's own held-out weeks."""
    known = [each.district for each in tested_on(registry.metrics_of(folder))]
    with suppress(ModelError):  # a damaged evaluation is none
        if value := _read(settings, family, folder.name):
            known.append(value["evaluated_on"]["district"])
    return district in known


def tested_on(metrics: Mapping[str, Any]) -> list[EvaluatedOn]:
    """The districts a version was tested on when it was made.  metrics: saved with the version."""
    return [EvaluatedOn.model_validate(each) for each in metrics.get("evaluated_on", ())]


def _read(settings: Settings, family: str, version: str) -> dict[str, Any] | None:
    path = _path(settings, family, version)
    if not path.is_file():
        return None
    trouble = f"the evaluation of {version} is damaged"
    value = files.read(path, trouble)
    known = value.get("evaluated_on")
    if not isinstance(known, dict) or "district" not in known:
        raise ModelError(f"{trouble}: {path.name} does not name the district it was made on")
    return value


def _path(settings: Settings, family: str, version: str) -> Path:
    return _folder(settings, family) / f"{version}.json"


def _folder(settings: Settings, family: str) -> Path:
    return settings.home / "models" / family / "evaluations"
