"""The forms in which one checkpoint can serve: eager PyTorch (GPU or CPU), ONNX fp32, ONNX int8.

The ONNX files are derived: the same weights give the same files. They lie in the version's folder
when `export` could write them there; a folder without them is served from memory all the same.
"""

import ctypes.util
import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ModelError
from edupulse_core.families.risk import gradient, graph, version

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]
Result = tuple[NDArray[np.float32], NDArray[np.float32]]
Form = Callable[[Values, Mask], Result]  # raw values (N, T, F) to logits (N,) and (N, tiers)

BUILD = 3  # of the graphs; raise it when they change, so that older files are made again
RECORD = "forms.json"
FILES: dict[str, Callable[[graph.Weights], bytes]] = {
    "serving.onnx": graph.serving,
    "serving-int8.onnx": lambda weights: graph.serving(weights, int8=True),
}
GRADIENT = "gradient"  # 4 MB and quickly made, so it is never written
CHUNK = 64  # students a call: the GRUs' arrays stay in a core's cache
ALONE = 12  # students; up to here one thread is fastest


def export(folder: Path) -> dict[str, str]:
    """Write the ONNX files into a version's folder unless they are there; returns their checksums.

    Raises ModelError when the checkpoint is not whole, OSError when the folder cannot be written.
    """
    known = _record(folder)
    if known is not None:
        return known
    weights = version.read_weights(folder)
    sums = {}
    for name, build in FILES.items():
        content = build(weights)
        sums[name] = hashlib.sha256(content).hexdigest()
        _write(folder / name, content)
    record = {"manifest": version.fingerprint(folder), "build": BUILD, "sha256": sums}
    _write(folder / RECORD, (json.dumps(record, indent=2) + "\n").encode())
    return sums


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(path.suffix + ".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _record(folder: Path) -> dict[str, str] | None:
    """The checksums of this checkpoint's ONNX files; None when they are absent or another's."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_bytes())
        sums: dict[str, str] = record["sha256"]
        current = (record["manifest"], record["build"]) == (version.fingerprint(folder), BUILD)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: damaged: {error}") from None
    whole = current and all((folder / name).is_file() for name in FILES) and set(sums) == set(FILES)
    return sums if whole else None


def content(folder: Path, name: str) -> bytes:
    """One ONNX file of a checkpoint, read and verified, or made in memory.

    Raises ModelError when the file is damaged.
    """
    if name == GRADIENT:
        return gradient.gradient(version.read_weights(folder))
    sums = _record(folder)
    if sums is None:
        return FILES[name](version.read_weights(folder))
    found = (folder / name).read_bytes()
    if hashlib.sha256(found).hexdigest() != sums[name]:
        raise ModelError(f"{folder / name}: damaged: its checksum is not the one in {RECORD}")
    return found


def has_gpu() -> bool:
    """Whether torch can compute on a GPU; torch is not loaded where there is no driver."""
    driver = ctypes.util.find_library("nvcuda" if os.name == "nt" else "cuda")
    if driver is None or metadata.version("torch").endswith("+cpu"):
        return False
    import torch

    return torch.cuda.is_available()


def choose(wanted: str) -> str:
    """The form that serves: what the setting says, or the fastest that passes the equality test."""
    if wanted == "auto":
        return "cuda" if has_gpu() else "onnx"
    if wanted not in ("cuda", "eager", "onnx", "int8"):
        raise ModelError(f"no inference form {wanted!r}; there are auto, eager, onnx and int8")
    return wanted


def open_form(folder: Path, form: str) -> Form:
    """A form, ready to be called from any thread."""
    if form in ("cuda", "eager"):
        return _torch(folder, "cuda" if form == "cuda" else "cpu")
    run = OnnxRun(content(folder, "serving-int8.onnx" if form == "int8" else "serving.onnx"))

    def serve(values: Values, observed: Mask) -> Result:
        score, category = run(values, observed)
        return score, category

    return serve


class OnnxRun:
    """An ONNX file, run in chunks side by side, one core each, so that memory stays bounded."""

    def __init__(self, model: bytes, *, threads: int | None = None, chunk: int = CHUNK) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._threads = threads or cores()
        self._chunk = chunk
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="onnx")

    def __call__(self, values: Values, observed: Mask) -> list[NDArray[np.float32]]:
        """All outputs for all students, in their order."""
        n = len(values)
        size = n if n <= ALONE else min(self._chunk, -(-n // self._threads))
        if n <= size:
            return self._run(values, observed)
        starts = range(0, n, size)
        done = self._pool.map(
            lambda start: self._run(values[start : start + size], observed[start : start + size]),
            starts,
        )
        return [np.concatenate(parts) for parts in zip(*done, strict=True)]

    def _run(self, values: Values, observed: Mask) -> list[NDArray[np.float32]]:
        made: list[NDArray[np.float32]] = self._session.run(
            None, {"values": values, "observed": observed}
        )
        return made


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _torch(folder: Path, device: str) -> Form:
    """The network as it was trained, in full single precision."""
    import torch

    from edupulse_core.families.risk import checkpoint

    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False  # rounds a score in its third digit
        torch.backends.cuda.matmul.allow_tf32 = False
    model = checkpoint.load(folder)
    network: Any = model.network.to(device).eval()

    def run(values: Values, observed: Mask) -> Result:
        x = model.standardiser.apply(values, observed).to(device)
        mask = torch.from_numpy(observed).to(device)
        with torch.inference_mode():
            score, category = network(x, mask)
        return score.cpu().numpy(), category.cpu().numpy()

    def chunked(values: Values, observed: Mask) -> Result:
        size = 512 if device == "cpu" else 2048  # CUDA attends in at most 65,535 weeks at once
        parts = [
            run(values[start : start + size], observed[start : start + size])
            for start in range(0, len(values), size)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    return chunked
