"""Writes any torch network as an ONNX file, in full precision or with int8 weights, and runs it.

Exporting needs torch and takes seconds, so training does it. Running needs only ONNX Runtime.
"""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor, nn

OPSET = 20
CHUNK = 64  # rows a call: the arrays of a small network stay in a core's cache
ALONE = 12  # rows; up to here one thread is fastest


def export(network: "nn.Module", inputs: Mapping[str, "Tensor"], outputs: Sequence[str]) -> bytes:
    """Write a network as an ONNX file; the same weights give the same bytes.

    inputs: an example of each input of `network.forward`, by name, with two rows or more. The file
    takes any number of rows.
    """
    import torch

    rows = torch.export.Dim("batch")
    with _quiet():
        program = torch.onnx.export(
            deepcopy(network).eval(),  # tracing leaves marks on a GRU
            tuple(inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: rows} for _ in inputs),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _strip(model)
    return bytes(model.SerializeToString(deterministic=True))


def in_int8(model: bytes) -> bytes:
    """The same file with every weight matrix in int8, and one fixed scale for each row.

    The scales depend only on the weights, so a score does not depend on who else is in the batch.
    """
    import onnx
    from onnx import helper, numpy_helper

    made = onnx.load_from_string(model)
    graph, wide, unpacked = made.graph, list(made.graph.initializer), []
    del graph.initializer[:]
    for tensor in wide:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.ndim < 2:
            graph.initializer.append(tensor)
            continue
        scale = np.maximum(np.abs(value).max(axis=-1, keepdims=True), 1e-12) / 127
        name, small = tensor.name, np.rint(value / scale).astype(np.int8)
        graph.initializer.append(numpy_helper.from_array(small, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        cast = helper.make_node(
            "Cast", [f"{name}.int8"], [f"{name}.wide"], to=onnx.TensorProto.FLOAT
        )
        unpacked += [cast, helper.make_node("Mul", [f"{name}.wide", f"{name}.scale"], [name])]
    nodes = [*unpacked, *graph.node]  # ONNX Runtime unpacks once, when it opens the file
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString(deterministic=True))


class OnnxRun:
    """Runs an ONNX file in chunks, one core each, side by side, so that memory stays bounded."""

    def __init__(self, model: bytes, outputs: Sequence[str] | None = None) -> None:
        """outputs: the names of those that are wanted; all unless given."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._names = [given.name for given in self._session.get_inputs()]
        self._outputs = outputs
        self._threads = cores()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="onnx")

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs for all rows, in their order; inputs in the order of the file."""
        n = len(inputs[0])
        size = n if n <= ALONE else min(CHUNK, -(-n // self._threads))
        if n <= size:
            return self._run(inputs)
        done = self._pool.map(
            lambda start: self._run([each[start : start + size] for each in inputs]),
            range(0, n, size),
        )
        return [np.concatenate(parts) for parts in zip(*done, strict=True)]

    def _run(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
        given = dict(zip(self._names, inputs, strict=True))
        made: list[NDArray[np.float32]] = self._session.run(self._outputs, given)
        return made


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporter prints about its own work."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _strip(model: Any) -> None:
    """Remove the stack traces that the exporter adds, with paths of this machine."""
    graph = model.graph
    del graph.value_info[:], graph.metadata_props[:], model.metadata_props[:]
    for part in (*graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
