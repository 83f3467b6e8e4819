"""The ONNX files of a version: derived, checked, and not needed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnxruntime import InferenceSession

from edupulse_core.errors import ModelError
from edupulse_core.families.risk import engine, forms
from edupulse_core.families.risk.network import RiskConfig


def test_the_same_weights_give_the_same_files(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    first = forms.export(folder)
    (folder / forms.RECORD).unlink()

    assert forms.export(folder) == first


def test_export_leaves_whole_files_alone(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    forms.export(folder)
    before = (folder / "serving.onnx").stat().st_mtime_ns

    forms.export(folder)

    assert (folder / "serving.onnx").stat().st_mtime_ns == before


def test_a_version_without_onnx_files_is_served_from_memory(
    new_version: Callable[..., Path], batch
) -> None:
    folder = new_version()
    eager = engine.load(folder, form="eager").predict(batch.values, batch.observed)

    found = engine.load(folder, form="onnx").predict(batch.values, batch.observed)

    assert np.abs(found.score - eager.score).max() < 1e-6
    assert not (folder / "serving.onnx").exists()


def test_files_of_an_older_build_are_not_served(new_version: Callable[..., Path], batch) -> None:
    folder = new_version()
    forms.export(folder)
    record = json.loads((folder / forms.RECORD).read_text())
    (folder / forms.RECORD).write_text(json.dumps(record | {"build": 0}))
    (folder / "serving.onnx").write_bytes(b"old")

    found = engine.load(folder, form="onnx").predict(batch.values, batch.observed)

    assert np.isfinite(found.score).all()


def test_a_damaged_record_of_the_files_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    forms.export(folder)
    (folder / forms.RECORD).write_text("[]")

    with pytest.raises(ModelError, match="forms.json: damaged"):
        engine.load(folder, form="onnx")


def test_the_files_declare_what_they_give(version: Path) -> None:
    for name in forms.FILES:
        session = InferenceSession(forms.content(version, name))

        declared = {output.name: output.shape for output in session.get_outputs()}

        assert declared == {"score_logit": ["batch"], "category_logits": ["batch", 4]}


@pytest.mark.parametrize(("has_gpu", "fastest"), [(True, "cuda"), (False, "onnx")])
def test_the_fastest_form_depends_on_the_machine_and_a_form_that_is_asked_for_does_not(
    has_gpu: bool, fastest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "has_gpu", lambda: has_gpu)

    assert forms.choose("auto") == fastest
    assert forms.choose("int8") == "int8"


def test_int8_is_a_quarter_of_the_size(version: Path) -> None:
    sizes = [(version / name).stat().st_size for name in ("serving-int8.onnx", "serving.onnx")]

    assert sizes[0] < 0.6 * sizes[1]  # a small network; a quarter at full size


@pytest.mark.parametrize(
    "config",
    [
        RiskConfig(hidden=6, projection=16, layers=1),
        RiskConfig(hidden=6, projection=16, layers=3, heads=2),
        RiskConfig(hidden=6, projection=16, modality_sizes=(29, 13)),
        RiskConfig(hidden=6, projection=16, modality_sizes=(42,), fusion=(12, 7), head=5),
        RiskConfig(hidden=5, projection=16, modality_sizes=(42,), cross=True),
        RiskConfig(hidden=6, projection=18, modality_sizes=(29, 13), heads=9, cross=True),
    ],
    ids=[
        "one layer",
        "three layers",
        "two modalities",
        "one modality",
        "one modality, crossed",
        "two modalities, crossed by three heads",
    ],
)
def test_networks_of_other_sizes_are_served_too(
    new_version: Callable[..., Path], batch, config: RiskConfig
) -> None:
    folder = new_version(config=config)
    eager = engine.load(folder, form="eager").predict(batch.values, batch.observed)

    found = engine.load(folder, form="onnx").predict(batch.values, batch.observed)

    assert np.abs(found.score - eager.score).max() < 1e-6


def test_the_default_form_needs_no_torch(version: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from edupulse_core.families.risk.engine import load\n"
        "engine = load(Path(sys.argv[1]), form='onnx')\n"
        "engine.predict(np.zeros((3, 20, 42), np.float32), np.ones((3, 20), bool))\n"
        "engine.logit_and_gradient(np.zeros((3, 20, 42), np.float32), np.ones((3, 20), bool))\n"
        "assert 'torch' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(version)], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
