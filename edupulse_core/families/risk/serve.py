"""Loads one version per process, and scores students with it.

A network runs in one of three forms: eager PyTorch (with or without a GPU), ONNX in full precision,
or ONNX with int8 weights. Boosted trees are ONNX as they are saved, and a logistic regression is
plain arrays: each has one form. A blend has the forms of its network.

Training a network writes its ONNX files; opening one never does. If they are missing, or belong to
other weights, PyTorch serves. `python -m edupulse_core.families.risk.serve FOLDER` writes a
version's ONNX files again.
"""

import ctypes.util
import io
import os
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families import derived, onnx
from edupulse_core.families.risk.learned import (
    BLEND,
    BOOSTING,
    LOGISTIC,
    NETWORK,
    Learned,
    Logits,
    Mask,
    Values,
    softmax,
)
from edupulse_core.families.risk.version import Version, fingerprint, verify

if TYPE_CHECKING:
    import torch

    from edupulse_core.families.risk.network import RiskNetwork

Form = Callable[[Values, Mask], Logits]  # raw values (N, T, F) to logits (N,) and (N, levels)

FILES = {"onnx": "serving.onnx", "int8": "serving-int8.onnx"}
OUTPUTS = ("score_logit", "category_logits", "attention")  # the last: (N, heads, T)
ALONE = {BOOSTING: "onnx", LOGISTIC: "arrays"}  # the one form of what is no network

_loaded: dict[tuple[str, str, str], "Engine"] = {}
_loading = threading.Lock()


@dataclass(frozen=True)
class Predictions:
    """The model's output for N students."""

    score: NDArray[np.float64]  # (N,) calibrated expected severity, 0..1
    probabilities: NDArray[np.float64]  # (N, 4) of the levels, low first; each row sums to 1


@dataclass(frozen=True)
class Engine:
    """A verified checkpoint, ready to score; threads may share it."""

    folder: Path
    trained: Version
    form: str  # cuda, eager, onnx, int8 or arrays
    serve: Form = field(repr=False)

    @property
    def version(self) -> str:
        """The name of the version, as in every stored score."""
        return self.trained.name

    def logits(self, values: Values, observed: Mask) -> Logits:
        """The model's own outputs, before sigmoid, softmax and calibration.

        Raises ModelError when the arrays are not windows of the model's features.
        """
        weeks = (self.trained.length, len(self.trained.features))
        if values.shape[1:] != weeks or observed.shape != values.shape[:2]:
            raise ModelError(
                f"{self.version} reads windows of {weeks[0]} weeks by {weeks[1]} features, "
                f"found {values.shape} with {observed.shape} observed"
            )
        ready = np.ascontiguousarray(values, dtype=np.float32)
        return self.serve(ready, np.ascontiguousarray(observed, dtype=bool))

    def predict(self, values: Values, observed: Mask) -> Predictions:
        """Score each student's window; the rest of the batch does not change it (within 1e-6).

        values: (N, T, F) as built, NaN = unknown.  observed: (N, T), the last week always True.
        """
        if not len(values):
            return Predictions(np.empty(0), np.empty((0, 4)))
        score, category = self.logits(values, observed)
        if not (np.isfinite(score).all() and np.isfinite(category).all()):
            raise ModelError(f"{self.version} gave a score that is not a number: {self.folder}")
        return Predictions(
            self.trained.calibration.apply(score.astype(np.float64)), softmax(category)
        )

    @cached_property
    def learned(self) -> Learned:
        """What was learned, a network on the CPU, for explanations; it is never trained again."""
        import torch

        from edupulse_core.families.risk import checkpoint

        with torch.inference_mode(False):  # whoever asks first; gradients go through it later
            model = checkpoint.load(self.folder)
            if model.has_network:
                model.network.requires_grad_(False)
            return model.learned

    @property
    def network(self) -> "RiskNetwork":
        """The network, or the one in a blend."""
        from edupulse_core.families.risk.blend import Blend
        from edupulse_core.families.risk.network import RiskNetwork

        found = self.learned
        if isinstance(found, Blend):
            found = found.members[NETWORK]
        assert isinstance(found, RiskNetwork)
        return found


def load(folder: Path, *, form: str = "auto") -> Engine:
    """The engine for a version's folder; the same object as long as the folder is unchanged.

    Raises ModelError when the checkpoint is missing, damaged or made for other features.
    """
    chosen = choose(folder, form)
    with _loading:
        key = (str(folder.resolve()), fingerprint(folder), chosen)
        if key not in _loaded:
            verified = verify(folder)
            opened = _open(folder, verified, verified.algorithm, chosen)
            _loaded[key] = Engine(folder, verified, chosen, opened)
        return _loaded[key]


def choose(folder: Path, wanted: str = "auto") -> str:
    """The form that serves: the setting's, or the fastest; eager if there is no ONNX file.

    What has a single form serves in it whatever is wanted.
    """
    if wanted not in ("auto", "cuda", "eager", *FILES):
        raise ModelError(f"no inference form {wanted!r}; there are auto, eager, onnx and int8")
    if only := ALONE.get(verify(folder).algorithm):
        return only
    if wanted == "auto":
        wanted = "cuda" if has_gpu() else "onnx"
    return "eager" if wanted in FILES and not has_files(folder) else wanted


def has_gpu() -> bool:
    """Whether torch can compute on a GPU; without a GPU driver, torch is not loaded."""
    driver = ctypes.util.find_library("nvcuda" if os.name == "nt" else "cuda")
    if driver is None or metadata.version("torch").endswith("+cpu"):
        return False
    import torch

    return torch.cuda.is_available()


def export(folder: Path) -> dict[str, str]:
    """Write the ONNX files of a version's network into its folder; returns their checksums.

    Raises ModelError when the checkpoint is not whole, OSError when the folder cannot be written.
    """
    whole = graph(folder)
    return derived.keep(folder, {FILES["onnx"]: whole, FILES["int8"]: onnx.in_int8(whole)})


def graph(folder: Path) -> bytes:
    """A version's network, its standardizer inside, as an ONNX file.

    It reads raw weeks (N, T, F) and which were observed (N, T), and answers with OUTPUTS.
    """
    network, inputs = _example(folder)
    return onnx.export(network, inputs, OUTPUTS)


def traced(folder: Path) -> bytes:
    """The same as a TorchScript file, which torch runs without EduPulse, in C++ too."""
    import torch

    network, inputs = _example(folder)
    written = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch keeps TorchScript, but no longer advises it
        trace = torch.jit.trace(
            network.eval().requires_grad_(False), tuple(inputs.values()), check_trace=False
        )  # type: ignore[no-untyped-call]
        torch.jit.save(trace, written)
    return written.getvalue()


def _example(folder: Path) -> "tuple[Any, dict[str, torch.Tensor]]":
    """A version's network with its standardizer, and an example of each input, by name."""
    import torch

    from edupulse_core.families.risk import checkpoint
    from edupulse_core.families.risk.network import Served

    model = checkpoint.load(folder)
    weeks = torch.zeros(2, model.config.length, model.config.n_features)
    inputs = {"values": weeks, "observed": torch.ones(weeks.shape[:2], dtype=torch.bool)}
    return Served(model.network, model.standardizer), inputs


def content(folder: Path, form: str) -> bytes:
    """The verified ONNX file of a form. Raises ModelError when it is damaged or missing."""
    return derived.read(folder, FILES[form])


def has_files(folder: Path) -> bool:
    """Whether the version has ONNX files of its own weights."""
    found = derived.sums(folder)
    return found is not None and {*found} == {*FILES.values()}


def _open(folder: Path, trained: Version, algorithm: str, form: str) -> Form:
    """The runner of an algorithm in a form; any thread may call it."""
    if algorithm == NETWORK:
        return _network(folder, form)
    if algorithm == BLEND:
        from edupulse_core.families.risk import blend

        mix = blend.read(folder)
        runners = [_open(folder, trained, name, form) for name in mix.names]
        return lambda values, observed: mix.of([run(values, observed) for run in runners])
    from edupulse_core.families.risk import checkpoint

    learned = checkpoint.read(folder, algorithm)
    return lambda values, observed: learned.logits(values, observed, trained)


def _network(folder: Path, form: str) -> Form:
    """The network in a form."""
    if form in ("cuda", "eager"):
        return _torch(folder, "cuda" if form == "cuda" else "cpu")
    run = onnx.OnnxRun(content(folder, form), OUTPUTS[:2])

    def serve(values: Values, observed: Mask) -> Logits:
        score, category = run(values, observed)
        return score, category

    return serve


def _torch(folder: Path, device: str) -> Form:
    """The network as it was trained, in full single precision."""
    import torch

    from edupulse_core.families.risk import checkpoint
    from edupulse_core.families.risk.network import Served

    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False  # rounds a score in its third digit
        torch.backends.cuda.matmul.allow_tf32 = False
    model = checkpoint.load(folder)
    network: Any = Served(model.network, model.standardizer).to(device).eval()
    size = 512 if device == "cpu" else 2048

    def serve(values: Values, observed: Mask) -> Logits:
        made = []
        for start in range(0, len(values), size):
            part = slice(start, start + size)
            given = (torch.from_numpy(each[part]).to(device) for each in (values, observed))
            with torch.inference_mode():
                made.append([output.cpu().numpy() for output in network(*given)[:2]])
        score, category = (np.concatenate(parts) for parts in zip(*made, strict=True))
        return score, category

    return serve


if __name__ == "__main__":
    for each in sys.argv[1:]:
        export(Path(each))
