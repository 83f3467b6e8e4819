"""One engine a checkpoint: the same scores in every form, alone or in a crowd.

The shipped version is served in every form. The fictional one has no ONNX files, so torch serves.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from edupulse_core.config import SHIPPED_MODELS
from edupulse_core.errors import ModelError
from edupulse_core.families import derived
from edupulse_core.families.risk import serve
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.features.catalogue import NAMES
from tests.families.risk.conftest import write_version

pytestmark = pytest.mark.slow

FORMS = ("eager", "onnx", "int8")
SHIPPED = SHIPPED_MODELS / "risk" / "risk-4"
SMALL = RiskConfig(hidden=4, layers=1, length=4, projection=8, heads=2, fusion=(8, 6), head=5)


@pytest.fixture(scope="module")
def version(each_version: Path) -> Path:
    """Of either kind of network."""
    return each_version


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network of four weeks, its ONNX files beside it."""
    folder = write_version(tmp_path_factory.mktemp("models") / "small", config=SMALL)
    serve.export(folder)
    return folder


@pytest.fixture
def small(exported: Path, tmp_path: Path) -> Path:
    """The same for a test that damages it."""
    return Path(shutil.copytree(exported, tmp_path / "small"))


def test_onnx_gives_the_scores_of_eager(batch) -> None:
    eager = serve.load(SHIPPED, form="eager").predict(batch.values, batch.observed)

    onnx = serve.load(SHIPPED, form="onnx").predict(batch.values, batch.observed)

    assert np.ptp(eager.score) > 0.2
    assert np.abs(onnx.score - eager.score).max() < 1e-6
    assert np.abs(onnx.probabilities - eager.probabilities).max() < 1e-6


def test_a_network_is_exported_as_it_was_trained(exported: Path, batch) -> None:
    weeks = batch.values[:, -4:], batch.observed[:, -4:]
    eager = serve.load(exported, form="eager").predict(*weeks)

    onnx = serve.load(exported, form="onnx").predict(*weeks)

    assert np.ptp(eager.score) > 0.1
    assert np.abs(onnx.score - eager.score).max() < 1e-6
    assert np.abs(onnx.probabilities - eager.probabilities).max() < 1e-6


def test_the_files_say_nothing_of_the_machine_that_made_them(exported: Path) -> None:
    for folder in (exported, SHIPPED):
        for name in serve.FILES.values():
            written = (folder / name).read_bytes()
            assert b".py" not in written and b"/home" not in written


def test_files_of_other_weights_are_not_served(small: Path) -> None:
    edit(small / "manifest.json", created_at="later")

    assert serve.load(small, form="onnx").form == "eager"


def test_without_files_torch_serves_and_opening_writes_none(version: Path) -> None:
    before = sorted(path.name for path in version.iterdir())

    assert [serve.load(version, form=form).form for form in ("onnx", "int8")] == ["eager"] * 2
    assert sorted(path.name for path in version.iterdir()) == before


@pytest.mark.parametrize("damage", ["[]", '{"manifest": "0"}'])
def test_a_damaged_record_of_the_files_is_refused(small: Path, damage: str) -> None:
    (small / derived.RECORD).write_text(damage)

    with pytest.raises(ModelError, match="forms.json: damaged"):
        serve.load(small, form="onnx")


@pytest.mark.parametrize(("has_gpu", "fastest"), [(True, "cuda"), (False, "onnx")])
def test_the_fastest_form_depends_on_the_machine_and_a_form_that_is_asked_for_does_not(
    has_gpu: bool, fastest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "has_gpu", lambda: has_gpu)

    assert serve.choose(SHIPPED) == fastest
    assert serve.choose(SHIPPED, "int8") == "int8"


def test_int8_stays_near_eager_in_a_third_of_the_size(batch) -> None:
    eager = serve.load(SHIPPED, form="eager").predict(batch.values, batch.observed)

    int8 = serve.load(SHIPPED, form="int8").predict(batch.values, batch.observed)

    assert 0 < np.abs(int8.score - eager.score).max() < 0.05
    sizes = [(SHIPPED / serve.FILES[form]).stat().st_size for form in ("int8", "onnx")]
    assert sizes[0] < sizes[1] / 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("position", [0, 63, 64, 511])
def test_who_else_is_in_the_batch_changes_no_score(batch, form, position) -> None:
    served = serve.load(SHIPPED, form=form)
    alone = served.predict(batch.values[7:8], batch.observed[7:8])
    order = np.roll(np.arange(512), position - 7)

    crowd = served.predict(batch.values[order], batch.observed[order])

    assert abs(crowd.score[position] - alone.score[0]) < 1e-6
    assert np.abs(crowd.probabilities[position] - alone.probabilities[0]).max() < 1e-6


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n", [1, 2, 11, 12, 13, 65, 129])
def test_every_batch_size_gives_the_same_scores(batch, form, n) -> None:
    served = serve.load(SHIPPED, form=form)
    whole = served.predict(batch.values[:130], batch.observed[:130]).score

    part = served.predict(batch.values[:n], batch.observed[:n]).score

    assert np.abs(part - whole[:n]).max() < 1e-6


def test_scoring_in_onnx_needs_no_torch() -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from edupulse_core.families.risk.serve import load\n"
        "engine = load(Path(sys.argv[1]), form='onnx')\n"
        "engine.predict(np.zeros((3, 20, 42), np.float32), np.ones((3, 20), bool))\n"
        "assert 'torch' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(SHIPPED)], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_what_lies_under_the_padding_changes_nothing(version, batch) -> None:
    served = serve.load(version)
    filled = np.where(batch.observed[..., None], batch.values, np.float32(7.0))

    found = served.predict(filled, batch.observed).score

    assert np.array_equal(found, served.predict(batch.values, batch.observed).score)


def test_unknown_counts_as_the_training_mean(version, batch) -> None:
    served = serve.load(version)
    filled = np.where(np.isnan(batch.values), served.trained.mean, batch.values)

    found = served.predict(filled, batch.observed).score

    assert np.abs(found - served.predict(batch.values, batch.observed).score).max() < 1e-6


def test_probabilities_of_the_tiers_sum_to_one(version, batch) -> None:
    found = serve.load(version).predict(batch.values, batch.observed)

    assert found.probabilities.shape == (512, 4)
    assert np.allclose(found.probabilities.sum(axis=1), 1)
    assert ((found.score >= 0) & (found.score <= 1)).all()


def test_nobody_to_score_is_fine(version, batch) -> None:
    found = serve.load(version).predict(batch.values[:0], batch.observed[:0])

    assert found.score.shape == (0,)
    assert found.probabilities.shape == (0, 4)


def test_a_checkpoint_is_loaded_once_a_process() -> None:
    assert serve.load(SHIPPED, form="onnx") is serve.load(SHIPPED, form="onnx")
    assert serve.load(SHIPPED, form="onnx") is not serve.load(SHIPPED, form="int8")


def test_a_changed_checkpoint_is_loaded_again(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    first = serve.load(folder)
    edit(folder / "manifest.json", created_at="later")

    assert serve.load(folder) is not first


def test_windows_of_another_size_are_refused(version, batch) -> None:
    with pytest.raises(ModelError, match="windows of 20 weeks by 42 features"):
        serve.load(version).predict(batch.values[:, 1:], batch.observed[:, 1:])


def test_an_unknown_form_is_refused(version) -> None:
    with pytest.raises(ModelError, match="no inference form 'fp16'"):
        serve.load(version, form="fp16")


@pytest.mark.parametrize(
    "name", ["manifest.json", "config.json", "weights.safetensors", "calibration.json"]
)
def test_a_missing_file_is_named(new_version: Callable[..., Path], name: str) -> None:
    folder = new_version()
    (folder / name).unlink()

    with pytest.raises(ModelError, match=f"{name} is missing"):
        serve.load(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "statistics.json", "card.md"])
def test_a_damaged_file_is_named(new_version: Callable[..., Path], name: str) -> None:
    folder = new_version()
    with (folder / name).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ModelError, match=f"{name} is not the file that was saved"):
        serve.load(folder)


@pytest.mark.parametrize("form", serve.FILES)
def test_a_damaged_onnx_file_is_refused(small: Path, form: str) -> None:
    with (small / serve.FILES[form]).open("ab") as file:
        file.write(b" ")

    with pytest.raises(ModelError, match=f"{serve.FILES[form]}: damaged"):
        serve.load(small, form=form)


def test_a_manifest_that_is_no_json_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    (folder / "manifest.json").write_text("{")

    with pytest.raises(ModelError, match="manifest.json"):
        serve.load(folder)


def test_a_manifest_without_checksums_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    (folder / "manifest.json").write_text('{"version": "mine"}')

    with pytest.raises(ModelError, match="manifest.json is incomplete"):
        serve.load(folder)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="manifest.json is missing"):
        serve.load(tmp_path / "none")


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

    with pytest.raises(ModelError, match="'att_shoe_size', which is not built today"):
        serve.load(folder)


def test_fewer_features_are_counted(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    retrained_on(folder, list(NAMES[:41]))

    with pytest.raises(ModelError, match="describes 42 inputs, not 41"):
        serve.load(folder)


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
        serve.load(folder, form="onnx")


def test_crossed_weights_need_a_config_that_says_so(new_version: Callable[..., Path]) -> None:
    folder = new_version(config=RiskConfig(hidden=6, projection=16, cross=True))
    edit(folder / "config.json", cross=False)
    resign(folder, "config.json")

    with pytest.raises(ModelError, match="does not fit config.json"):
        serve.load(folder, form="onnx")


@pytest.mark.parametrize("form", FORMS)
def test_a_config_from_before_there_was_cross_is_served(
    new_version: Callable[..., Path], batch, form: str
) -> None:
    folder = new_version()
    expected = serve.load(folder, form=form).predict(batch.values, batch.observed)
    config = json.loads((folder / "config.json").read_text())
    assert config.pop("cross") is False
    (folder / "config.json").write_text(json.dumps(config))
    resign(folder, "config.json")

    found = serve.load(folder, form=form).predict(batch.values, batch.observed)

    assert np.array_equal(found.score, expected.score)


def test_a_network_that_gives_no_number_is_refused(new_version: Callable[..., Path]) -> None:
    folder = new_version()
    state = load_file(folder / "weights.safetensors")
    state["score.2.bias"][:] = np.nan
    save_file(state, folder / "weights.safetensors")
    resign(folder, "weights.safetensors")

    with pytest.raises(ModelError, match="not a number"):
        serve.load(folder).predict(np.zeros((1, 20, 42), np.float32), np.ones((1, 20), bool))


def test_a_torchscript_file_gives_the_scores_of_eager_without_our_package(
    version: Path, batch, tmp_path: Path
) -> None:
    (tmp_path / "traced.pt").write_bytes(serve.traced(version))
    np.savez(tmp_path / "in.npz", values=batch.values, observed=batch.observed)
    script = (
        "import sys\n"
        "sys.modules['edupulse_core'] = None\n"
        "import numpy as np, torch\n"
        "network = torch.jit.load(sys.argv[1])\n"
        "given = np.load(sys.argv[2])\n"
        "for n in (1, 3, 512):\n"
        "    inputs = (torch.from_numpy(given[k][:n]) for k in ('values', 'observed'))\n"
        "    found = [each.numpy() for each in network(*inputs)]\n"
        "    np.save(f'{sys.argv[2]}-{n}.npy', found[0])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "traced.pt", tmp_path / "in.npz"],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    engine = serve.load(version, form="eager")
    scores = engine.predict(batch.values, batch.observed).score
    for n in (1, 3, 512):
        found = engine.trained.calibration.apply(np.load(tmp_path / f"in.npz-{n}.npy"))
        assert np.abs(found - scores[:n]).max() < 1e-6
