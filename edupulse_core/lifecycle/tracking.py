"""Tells MLflow of each trained version and of who serves, where the setting `tracking_uri` asks.

MLflow is an optional extra (`pip install "edupulse[mlflow]"`), imported only then. What is told
comes from the version's own folder. Where MLflow fails, work goes on and the audit keeps a warning.
"""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from edupulse_core.config import Settings
from edupulse_core.errors import ModelError
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import registry
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR

CHAMPION, CHALLENGER = "champion", "challenger"
VERSION = "version"  # the tag by which a version is found again
DATABASES = ("sqlite", "postgresql", "mysql", "mssql")  # stores that keep no files themselves
CALM = {  # unless the environment says otherwise
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",  # seconds
}
AT_ONCE = 100  # parameters or metrics in one call
PLAN = "plan.json"  # as `retraining` writes it


def note_training(settings: Settings, family: str, folder: Path) -> None:
    """Tell of a version that was just trained."""
    if settings.tracking_uri:
        with _trying(settings, f"{family} {folder.name}"):
            _model_version(_client(settings.tracking_uri), settings, family, folder)


def note_aliases(settings: Settings, family: str) -> None:
    """Tell which version is the champion, and which the challenger."""
    if settings.tracking_uri:
        with _trying(settings, family):
            _note_aliases(_client(settings.tracking_uri), settings, family)


def _note_aliases(client: Any, settings: Settings, family: str) -> None:
    from edupulse_core.lifecycle import experiments  # which needs `retraining`, as this serves it

    tried = experiments.running(settings, family)
    served = registry.chosen_version(settings, family).name
    for alias, version in ((CHAMPION, served), (CHALLENGER, tried and tried.challenger)):
        if version:
            folder = registry.version_folder(settings, family, version)
            number = _model_version(client, settings, family, folder)
            client.set_registered_model_alias(_name(family), alias, number)
        else:
            client.delete_registered_model_alias(_name(family), alias)


@contextmanager
def _trying(settings: Settings, subject: str) -> Iterator[None]:
    """Let what goes wrong within be noted, and go no further.

    Any error is caught: MLflow talks to servers and databases, and none of them may stop a training
    or a switch of versions, which have happened already.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        trail.note(settings, OPERATOR, trail.NOT_TRACKED, subject, {"warning": said})


def _client(uri: str) -> Any:
    if find_spec("mlflow") is None:
        raise ModelError("MLflow is not installed; pip install 'edupulse[mlflow]' does that")
    for name, value in CALM.items():
        os.environ.setdefault(name, value)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    from mlflow import MlflowClient

    return MlflowClient(uri, uri)


def _name(family: str) -> str:
    """The experiment, and the registered model, of a family."""
    return f"edupulse-{family}"


def _model_version(client: Any, settings: Settings, family: str, folder: Path) -> str:
    """The number in the registry of a version of ours; it is told of first if it never was."""
    name = _name(family)
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    for each in client.search_model_versions(f"name = '{name}'"):
        if each.tags.get(VERSION) == folder.name:
            return str(each.version)
    run = _run(client, settings, family, folder)
    made = client.create_model_version(
        name, run.info.artifact_uri, run.info.run_id, tags={VERSION: folder.name}
    )
    return str(made.version)


def _run(client: Any, settings: Settings, family: str, folder: Path) -> Any:
    """Tell of a version as a finished run: parameters, metrics by epoch, files and tags."""
    from mlflow.entities import Metric, Param

    about, metrics = folders.check(folder), folders.read_json(folder, folders.METRICS)
    run = client.create_run(
        _experiment(client, settings, family), tags=_tags(about, metrics), run_name=about.version
    )
    given = metrics.get("training", {})
    if (folder / PLAN).is_file():
        given = {**folders.read_json(folder, PLAN), **given}
    params = [Param(key, str(value)) for key, value in _flat(given).items()]
    for at in range(0, len(params), AT_ONCE):
        client.log_batch(run.info.run_id, params=params[at : at + AT_ONCE])
    now = run.info.start_time
    told = [
        Metric(name, float(value), now, int(epoch["epoch"]))
        for epoch in metrics.get("history", ())
        for name, value in epoch.items()
        if name != "epoch"
    ]
    told += [Metric(name, float(x), now, 0) for name, x in metrics.get("headline", {}).items()]
    for at in range(0, len(told), AT_ONCE):
        client.log_batch(run.info.run_id, metrics=told[at : at + AT_ONCE])
    for file in (folders.METRICS, folders.CARD):
        if (folder / file).is_file():
            client.log_artifact(run.info.run_id, str(folder / file))
    client.set_terminated(run.info.run_id)
    return run


def _experiment(client: Any, settings: Settings, family: str) -> str:
    found = client.get_experiment_by_name(_name(family))
    if found is not None:
        return str(found.experiment_id)
    place = None
    if settings.tracking_uri.startswith(DATABASES):  # else files would go where we were started
        place = (settings.data / "tracking").as_uri()
    return str(client.create_experiment(_name(family), artifact_location=place))


def _tags(about: folders.Header, metrics: Mapping[str, Any]) -> dict[str, str]:
    """What a run is found by."""
    data = [str(each.get("fingerprint", "")) for each in metrics.get("evaluated_on", ())]
    tags = {
        VERSION: about.version,
        "family": about.family,
        "algorithm": about.algorithm,
        "data": ", ".join(data),
        "data_range": " to ".join(about.data_range),
        "parent": about.parent,
        "code_version": about.code_version,
    }
    return {name: value for name, value in tags.items() if value}


def _flat(value: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Objects within objects as dotted names."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        if isinstance(each, Mapping):
            found |= _flat(each, f"{before}{name}.")
        else:
            found[before + name] = each
    return found
