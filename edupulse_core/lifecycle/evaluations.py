"""On whose held-out weeks a version was evaluated: kept in the home, beside its models."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from edupulse_core import files
from edupulse_core.config import Settings
from edupulse_core.errors import InputError, ModelError
from edupulse_core.lifecycle import registry


def check_places(settings: Settings, family: str, html: Path | None = None) -> None:
    """Raise InputError where nothing could be written, before the work."""
    files.check_folder(_folder(settings, family))
    if html is not None:
        files.check_folder(html.parent)
        if html.is_dir():
            raise InputError(f"{html} is a folder, not a page's file")


def keep(settings: Settings, family: str, report: dict[str, Any]) -> Path:
    """Keep an evaluation's report as `models/<family>/evaluations/<version>.json` of the home.

    report: with "version" and "evaluated_on". A later evaluation of a version replaces it.
    """
    path = _folder(settings, family) / f"{report['version']}.json"
    return files.write(path, json.dumps(report, default=str))


def kept(settings: Settings, family: str, version: str) -> dict[str, Any] | None:
    """What `keep` kept of a version; None where it was never evaluated here.

    Raises ModelError for a damaged file.
    """
    path = _folder(settings, family) / f"{version}.json"
    if not path.is_file():
        return None
    trouble = f"the evaluation of {version} is damaged"
    report = files.read(path, trouble)
    if not isinstance(report.get("evaluated_on"), dict):
        raise ModelError(f"{trouble}: {path.name} does not say on which district it was made")
    return report


def page_path(settings: Settings, family: str, version: str) -> Path:
    """Where a version's evaluation stands as a page unless another file is named."""
    return _folder(settings, family) / f"{version}.html"


def is_made_up(known: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a test was on made-up students alone. known: its "evaluated_on"."""
    return all(one.get("is_demo", "seed" in one) for one in known)


def tells_of_few(test: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> bool:
    """Whether shares of a test's weeks would tell of few students.

    An earlier EduPulse did not look: of its tests only those on made-up students are safe.
    """
    return bool(test.get("few", not is_made_up(known)))


def was_evaluated_on(settings: Settings, family: str, folder: Path, district: str) -> bool:
    """Whether a version was measured on this district's own held-out weeks."""
    known = list(registry.metrics_of(folder).get("evaluated_on", ()))
    with suppress(ModelError):  # a damaged evaluation is none
        if report := kept(settings, family, folder.name):
            known.append(report["evaluated_on"])
    return any(each.get("district") == district for each in known)


def _folder(settings: Settings, family: str) -> Path:
    return settings.home / "models" / family / "evaluations"
