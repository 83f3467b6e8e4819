"""One engine a checkpoint: the same scores in every form, alone or in a crowd."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from edupulse_core.errors import ModelError
from edupulse_core.families.risk import checkpoint, engine, forms
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.features.catalogue import NAMES

FORMS = ("eager", "onnx", "int8")


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_onnx_gives_the_scores_of_eager(version, batch) -> None:
    eager = engine.load(version, form="eager").predict(batch.values, batch.observed)

    onnx = engine.load(version, form="onnx").predict(batch.values, batch.observed)

    assert np.ptp(eager.score) > 0.2
    assert np.abs(onnx.score - eager.score).max() < 1e-6
    assert np.abs(onnx.probabilities - eager.probabilities).max() < 1e-6


def test_the_scores_are_those_of_the_trained_model(version, batch) -> None:
    import torch

    model = checkpoint.load(version)
    with torch.inference_mode():
        logit, category = model.network(
            model.standardiser.apply(batch.values, batch.observed), torch.from_numpy(batch.observed)
        )

    found = engine.load(version).predict(batch.values, batch.observed)

    assert np.abs(found.score - model.calibrate(logit.numpy())).max() < 1e-6
    assert np.abs(found.probabilities - category.softmax(1).numpy()).max() < 1e-6


def test_int8_stays_near_eager(version, batch) -> None:
    eager = engine.load(version, form="eager").predict(batch.values, batch.observed)

    int8 = engine.load(version, form="int8").predict(batch.values, batch.observed)

    assert 0 < np.abs(int8.score - eager.score).max() < 0.1
    assert np.corrcoef(int8.score, eager.score)[0, 1] > 0.99


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("position", [0, 1, 63, 64, 255, 511])
def test_who_else_is_in_the_batch_changes_no_score(version, batch, form, position) -> None:
    served = engine.load(version, form=form)
    alone = served.predict(batch.values[7:8], batch.observed[7:8])
    order = np.roll(np.arange(512), position - 7)

    crowd = served.predict(batch.values[order], batch.observed[order])

    assert abs(crowd.score[position] - alone.score[0]) < 1e-6
    assert np.abs(crowd.probabilities[position] - alone.probabilities[0]).max() < 1e-6


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n", [1, 2, 11, 12, 13, 65, 129])
def test_every_batch_size_gives_the_same_scores(version, batch, form, n) -> None:
    served = engine.load(version, form=form)
    whole = served.predict(batch.values, batch.observed).score

    part = served.predict(batch.values[:n], batch.observed[:n]).score

    assert np.abs(part - whole[:n]).max() < 1e-6


def test_what_lies_under_the_padding_changes_nothing(version, batch) -> None:
    served = engine.load(version)
    filled = np.where(batch.observed[..., None], batch.values, np.float32(7.0))

    found = served.predict(filled, batch.observed).score

    assert np.array_equal(found, served.predict(batch.values, batch.observed).score)


def test_unknown_counts_as_the_training_mean(version, batch) -> None:
    served = engine.load(version)
    filled = np.where(np.isnan(batch.values), served.trained.mean, batch.values)

    found = served.predict(filled, batch.observed).score

    assert np.abs(found - served.predict(batch.values, batch.observed).score).max() < 1e-6


def test_probabilities_of_the_tiers_sum_to_one(version, batch) -> None:
    found = engine.load(version).predict(batch.values, batch.observed)

    assert found.probabilities.shape == (512, 4)
    assert np.allclose(found.probabilities.sum(axis=1), 1)
    assert ((found.score >= 0) & (found.score <= 1)).all()


def test_nobody_to_score_is_fine(version, batch) -> None:
    found = engine.load(version).predict(batch.values[:0], batch.observed[:0])

    assert found.score.shape == (0,)
    assert found.probabilities.shape == (0, 4)


def test_a_checkpoint_is_loaded_once_a_process(version) -> None:
    assert engine.load(version, form="onnx") is engine.load(version, form="onnx")
    assert engine.load(version, form="onnx") is not engine.load(version, form="int8")


def test_a_changed_checkpoint_is_loaded_again(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    first = engine.load(folder)
    edit(folder / "manifest.json", created_at="later")

    assert engine.load(folder) is not first


def test_windows_of_another_size_are_refused(version, batch) -> None:
    with pytest.raises(ModelError, match="windows of 20 weeks by 42 features"):
        engine.load(version).predict(batch.values[:, 1:], batch.observed[:, 1:])


def test_an_unknown_form_is_refused(version) -> None:
    with pytest.raises(ModelError, match="no inference form 'fp16'"):
        engine.load(version, form="fp16")


@pytest.mark.parametrize(
    "name", ["manifest.json", "config.json", "weights.safetensors", "calibration.json"]
)
def test_a_missing_file_is_named(new_version: Callable[..., Path], name: str) -> None:
    folder = new_version()
    (folder / name).unlink()

    with pytest.raises(ModelError, match=f"{name} is missing"):
        engine.load(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "statistics.json", "card.md"])
def test_a_damaged_file_is_named(new_version: Callable[..., Path], name: str) -> None:
    folder = new_version()
    with (folder / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ModelError, match=f"{name} is not the file that was saved"):
        engine.load(folder)


def test_a_damaged_onnx_file_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    forms.export(folder)
    with (folder / "serving.onnx").open("ab") as file:
        file.write(b" ")

    with pytest.raises(ModelError, match="serving.onnx: damaged"):
        engine.load(folder, form="onnx")


def test_a_manifest_that_is_no_json_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    (folder / "manifest.json").write_text("{")

    with pytest.raises(ModelError, match="manifest.json"):
        engine.load(folder)


def test_a_manifest_without_checksums_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    (folder / "manifest.json").write_text('{"version": "mine"}')

    with pytest.raises(ModelError, match="manifest.json is incomplete"):
        engine.load(folder)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="manifest.json is missing"):
        engine.load(tmp_path / "none")


def resign(folder: Path, name: str) -> None:
    """Make a changed file the one that was saved."""
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    edit(folder / "manifest.json", files=manifest["files"] | {name: digest})


def retrained_on(folder: Path, features: list[str]) -> None:
    """Say in an otherwise whole version that it reads these features."""
    edit(folder / "statistics.json", features=features)
    resign(folder, "statistics.json")


def test_other_features_are_named(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    retrained_on(folder, [*NAMES[:2], "att_shoe_size", *NAMES[3:]])

    with pytest.raises(ModelError, match="number 3 was 'att_shoe_size'"):
        engine.load(folder)


def test_fewer_features_are_counted(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    retrained_on(folder, list(NAMES[:41]))

    with pytest.raises(ModelError, match="trained on 41 features; today there are 42"):
        engine.load(folder)


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("weights.safetensors", b"no tensors", "weights.safetensors"),
        ("statistics.json", {"std": [0.0] * 42}, "statistics.json does not fit its features"),
        ("calibration.json", {"raw": [1.0]}, "calibration.json"),
        ("config.json", {"projection": 64}, "does not fit config.json"),
        ("config.json", {"cross": True}, "does not fit config.json"),
        ("config.json", {"modality_sizes": [14, 15]}, "describes 29 inputs, not 42"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(
    new_version: Callable[..., Path], name: str, changes: object, said: str
) -> None:
    folder = new_version()
    if isinstance(changes, bytes):
        (folder / name).write_bytes(changes)
    else:
        edit(folder / name, **changes)
    resign(folder, name)

    with pytest.raises(ModelError, match=said):
        engine.load(folder, form="onnx")


def test_crossed_weights_need_a_config_that_says_so(new_version: Callable[..., Path]) -> None:
    folder = new_version(config=RiskConfig(hidden=6, projection=16, cross=True))
    edit(folder / "config.json", cross=False)
    resign(folder, "config.json")

    with pytest.raises(ModelError, match="does not fit config.json"):
        engine.load(folder, form="onnx")


@pytest.mark.parametrize("form", FORMS)
def test_a_config_from_before_there_was_cross_is_served(
    new_version: Callable[..., Path], batch, form: str
) -> None:
    folder = new_version()
    expected = engine.load(folder, form=form).predict(batch.values, batch.observed)
    config = json.loads((folder / "config.json").read_text())
    assert config.pop("cross") is False
    (folder / "config.json").write_text(json.dumps(config))
    resign(folder, "config.json")

    found = engine.load(folder, form=form).predict(batch.values, batch.observed)

    assert np.array_equal(found.score, expected.score)


def test_a_network_that_gives_no_number_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    state = load_file(folder / "weights.safetensors")
    state["score.2.bias"][:] = np.nan
    save_file(state, folder / "weights.safetensors")
    resign(folder, "weights.safetensors")

    with pytest.raises(ModelError, match="not a number"):
        engine.load(folder).predict(np.zeros((1, 20, 42), np.float32), np.ones((1, 20), bool))
