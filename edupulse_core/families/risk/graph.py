"""The risk network as an ONNX graph: the function of `models/risk.py` with less to compute.

Only the attended state of the last week is pooled, so attention has one query a head, and every
matrix between two nonlinearities is multiplied out beforehand: projection and keys into the query,
values, output and the first fusion layer into one matrix. What is left is almost only the GRUs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

OPSET, IR_VERSION = 17, 9
MASKED = -1e9  # added to the attention of padded weeks; exp of it is exactly 0


@dataclass(frozen=True)
class Shape:
    """The sizes of a risk network."""

    sizes: tuple[int, ...]  # features of each modality, in input order
    hidden: int  # units of each GRU and direction
    layers: int
    heads: int
    length: int  # weeks
    cross_heads: int = 0  # of the attention between modalities; 0: there is none

    @property
    def token(self) -> int:
        """Numbers that describe one week of one modality after its GRU."""
        return 2 * self.hidden

    @property
    def width(self) -> int:
        """Numbers that describe one week after the GRUs."""
        return self.token * len(self.sizes)


@dataclass(frozen=True)
class Weights:
    """The trained numbers of a risk network, in double precision until the graph is written."""

    shape: Shape
    state: dict[str, Array]
    mean: Array  # (features,)
    std: Array  # (features,)

    def gru(self, name: str, modality: int, layer: int, direction: int) -> Array:
        """One tensor of one GRU, its gates in the order reset, update, new."""
        suffix = "_reverse" if direction else ""
        return self.state[f"grus.{modality}.{name}_l{layer}{suffix}"]


@dataclass(frozen=True)
class Tail:
    """Everything after the GRUs, multiplied out."""

    query: Array  # (width, heads * d): last week's state to queries, scaled
    query_bias: Array
    keys: Array  # (heads, d, width): a head's query to weights over a week's state
    fuse: Array  # (heads * width, fusion 1): attended states to the first fusion layer
    fuse_bias: Array
    second: tuple[Array, Array]
    hidden: tuple[Array, Array]  # both heads side by side
    out: tuple[Array, Array]  # score logit, then the category logits


def fold(weights: Weights) -> Tail:
    """Multiply out what no nonlinearity keeps apart."""
    s, heads = weights.state, weights.shape.heads
    project, project_bias = s["project.weight"], s["project.bias"]
    if weights.shape.cross_heads:  # what layer normalisation multiplies by and adds
        scale_of, shift = (
            np.tile(s[f"norm.{k}"], len(weights.shape.sizes)) for k in ("weight", "bias")
        )
        project, project_bias = project * scale_of, project_bias + project @ shift
    w_q, w_k, w_v = np.split(s["attention.in_proj_weight"], 3)
    b_q, _, b_v = np.split(s["attention.in_proj_bias"], 3)  # a key bias shifts all weeks alike
    d = len(w_q) // heads
    scale = d**-0.5
    first = s["fusion.0.weight"]
    values = first @ s["attention.out_proj.weight"]
    parts = [slice(h * d, (h + 1) * d) for h in range(heads)]
    out_bias = s["attention.out_proj.weight"] @ (w_v @ project_bias + b_v)
    out_bias = out_bias + s["attention.out_proj.bias"]
    score, category = s["score.2.weight"], s["category.2.weight"]
    out = np.zeros((score.shape[1] + category.shape[1], 1 + len(category)))
    out[: score.shape[1], :1], out[score.shape[1] :, 1:] = score.T, category.T
    return Tail(
        query=(w_q @ project).T * scale,
        query_bias=(w_q @ project_bias + b_q) * scale,
        keys=np.stack([w_k[part] @ project for part in parts]),
        fuse=np.concatenate([(values[:, part] @ w_v[part] @ project).T for part in parts]),
        fuse_bias=first @ out_bias + s["fusion.0.bias"],
        second=(s["fusion.3.weight"].T, s["fusion.3.bias"]),
        hidden=(
            np.concatenate([s["score.0.weight"], s["category.0.weight"]]).T,
            np.concatenate([s["score.0.bias"], s["category.0.bias"]]),
        ),
        out=(out, np.concatenate([s["score.2.bias"], s["category.2.bias"]])),
    )


class Graph:
    """Collects ONNX nodes; every method returns the name of what it made."""

    def __init__(self, *, int8: bool = False) -> None:
        from onnx import TensorProto, helper, numpy_helper  # slow, and only needed to build

        self._helper, self._numpy_helper = helper, numpy_helper
        self._float = TensorProto.FLOAT
        self._int8 = int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        return self.ops(kind, *inputs, n=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, n: int, **attributes: Any) -> list[str]:
        """Add a node with n outputs."""
        outputs = [f"{kind.lower()}_{len(self._nodes)}_{i}" for i in range(n)]
        self._nodes.append(self._helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def constant(self, value: Any, kind: type = np.float32) -> str:
        """A number or array that is part of the file; equal ones are kept once."""
        array: NDArray[Any] = np.ascontiguousarray(value, dtype=kind)
        key = (array.dtype.str, np.shape(value), array.tobytes())
        if key not in self._known:
            self._known[key] = f"constant_{len(self._known)}"
            shaped = array.reshape(np.shape(value))
            self._constants.append(self._numpy_helper.from_array(shaped, self._known[key]))
        return self._known[key]

    def matrix(self, value: Array, *, gates_last: bool) -> str:
        """Weights: as they are, or as int8 with one fixed scale for each output."""
        if not self._int8:
            return self.constant(value)
        axis = value.ndim - 1 if gates_last else value.ndim - 2
        others = tuple(i for i in range(value.ndim) if i != axis)
        scale = np.maximum(np.abs(value).max(axis=others), 1e-12) / 127
        spread = scale.reshape([-1 if i == axis else 1 for i in range(value.ndim)])
        small = np.clip(np.rint(value / spread), -127, 127)
        whole = self.op("Cast", self.constant(small, np.int8), to=self._float)
        return self.op("Mul", whole, self.constant(spread))  # once, when the file is opened

    def linear(self, x: str, layer: tuple[Array, Array]) -> str:
        """x times a matrix (in, out), plus a bias."""
        product = self.op("MatMul", x, self.matrix(layer[0], gates_last=True))
        return self.op("Add", product, self.constant(layer[1]))

    def reshape(self, x: str, *shape: int) -> str:
        """Another shape of the same numbers; 0 keeps a length."""
        return self.op("Reshape", x, self.constant(shape, np.int64))

    def split(self, x: str, sizes: Sequence[int], axis: int) -> list[str]:
        """Cut x along an axis."""
        if len(sizes) == 1:
            return [x]
        return self.ops("Split", x, self.constant(sizes, np.int64), n=len(sizes), axis=axis)

    def file(
        self,
        inputs: dict[str, tuple[int, list[Any]]],
        outputs: dict[str, tuple[str, list[Any]]],
    ) -> bytes:
        """The finished, checked file. outputs: public name -> what `op` returned, and its shape."""
        import onnx

        helper, number = self._helper, self._float
        for public, (made, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [made], [public]))
        graph = helper.make_graph(
            self._nodes,
            "risk",
            [helper.make_tensor_value_info(name, *given) for name, given in inputs.items()],
            [
                helper.make_tensor_value_info(name, number, size)
                for name, (_, size) in outputs.items()
            ],
            self._constants,
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="edupulse"
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def serving(weights: Weights, *, int8: bool = False) -> bytes:
    """The file that serves scores.

    Inputs: values (B, T, F) float32 as read, NaN = unknown; observed (B, T) bool.
    Outputs: score_logit (B,), category_logits (B, 4).
    """
    graph = Graph(int8=int8)
    inputs, observed = declared(weights.shape)
    states = gru_states(graph, weights, standardised(graph, weights))
    weeks = graph.op("Transpose", states, perm=[1, 0, 2])  # (B, T, width)
    if weights.shape.cross_heads:
        weeks = cross(graph, weights, weeks).weeks
    attended = attend(graph, fold(weights), weights.shape, weeks, observed)
    logits = head(graph, fold(weights), attended)
    n = len(fold(weights).out[1])
    score, category = graph.split(logits, [1, n - 1], axis=1)
    score = graph.op("Squeeze", score, graph.constant([1], np.int64))
    return graph.file(
        inputs,
        {"score_logit": (score, ["batch"]), "category_logits": (category, ["batch", n - 1])},
    )


def declared(shape: Shape) -> tuple[dict[str, tuple[int, list[Any]]], str]:
    """The graph's inputs, and the name of the mask."""
    from onnx import TensorProto

    return {
        "values": (TensorProto.FLOAT, ["batch", shape.length, sum(shape.sizes)]),
        "observed": (TensorProto.BOOL, ["batch", shape.length]),
    }, "observed"


def standardised(graph: Graph, weights: Weights) -> str:
    """Zero mean, unit spread; unknown is the mean, padding exactly 0."""
    less = graph.op("Sub", "values", graph.constant(weights.mean))
    scaled = graph.op("Div", less, graph.constant(weights.std))
    week = graph.op("Unsqueeze", "observed", graph.constant([2], np.int64))
    known = graph.op("And", graph.op("Not", graph.op("IsNaN", "values")), week)
    return graph.op("Where", known, scaled, graph.constant(0.0))


def gru_states(graph: Graph, weights: Weights, x: str) -> str:
    """(B, T, F) to (T, B, width): each modality's own GRUs, side by side."""
    shape = weights.shape
    by_week = graph.op("Transpose", x, perm=[1, 0, 2])
    states = []
    for m, part in enumerate(graph.split(by_week, shape.sizes, axis=2)):
        for layer in range(shape.layers):
            part = gru(graph, weights, m, layer, part)
            part = graph.op("Transpose", part, perm=[0, 2, 1, 3])  # (T, B, direction, hidden)
            part = graph.reshape(part, 0, 0, shape.token)
        states.append(part)
    return graph.op("Concat", *states, axis=2)


def gru(graph: Graph, weights: Weights, modality: int, layer: int, x: str) -> str:
    """One bidirectional GRU layer: (T, B, in) to (T, direction, B, hidden)."""

    def stacked(name: str) -> Array:
        both = [weights.gru(name, modality, layer, direction) for direction in (0, 1)]
        return np.stack([_update_first(each) for each in both])

    bias = np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)
    return graph.op(
        "GRU",
        x,
        graph.matrix(stacked("weight_ih"), gates_last=False),
        graph.matrix(stacked("weight_hh"), gates_last=False),
        graph.constant(bias),
        hidden_size=weights.shape.hidden,
        direction="bidirectional",
        linear_before_reset=1,
    )


def _update_first(gates: Array) -> Array:
    """The gates in ONNX's order: update, reset, new."""
    reset, update, new = np.split(gates, 3)
    return np.concatenate([update, reset, new])


@dataclass(frozen=True)
class Crossed:
    """Weeks whose modalities attended to each other, and what the way back needs of it.

    M tokens, one a modality; d = token / heads.
    """

    weeks: str  # (B, T, width), normalised; `fold` scales and shifts it
    per_spread: str  # (B, T, M, 1), 1 / what it was divided by
    looks: str  # (B, T, heads, M, M), attention
    query: str  # (B, T, heads, M, d), scaled
    key: str
    value: str


def cross(graph: Graph, weights: Weights, weeks: str) -> Crossed:
    """The attention between the modalities of each week: weeks (B, T, width)."""
    shape, heads = weights.shape, weights.shape.cross_heads
    m = len(shape.sizes)
    tokens = graph.reshape(weeks, 0, 0, m, shape.token)
    made = graph.linear(tokens, cross_inputs(weights))
    made = graph.reshape(made, 0, 0, m, 3 * heads, -1)
    made = graph.op("Transpose", made, perm=[0, 1, 3, 2, 4])
    query, key, value = graph.split(made, [heads] * 3, axis=2)
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 2, 4, 3]))
    looks = graph.op("Softmax", scores, axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", looks, value), perm=[0, 1, 3, 2, 4])
    mixed = graph.reshape(mixed, 0, 0, m, shape.token)
    out = weights.state["cross.out_proj.weight"].T, weights.state["cross.out_proj.bias"]
    met, _, per_spread = graph.ops(
        "LayerNormalization",
        graph.op("Add", tokens, graph.linear(mixed, out)),
        graph.constant(np.ones(shape.token)),
        n=3,
        axis=-1,
        epsilon=1e-5,
    )
    return Crossed(graph.reshape(met, 0, 0, shape.width), per_spread, looks, query, key, value)


def cross_inputs(weights: Weights) -> tuple[Array, Array]:
    """Tokens to queries, scaled, keys and values: (token, 3 * token), and the bias."""
    token, heads = weights.shape.token, weights.shape.cross_heads
    scale = np.where(np.arange(3 * token) < token, (token // heads) ** -0.5, 1.0)
    matrix, bias = weights.state["cross.in_proj_weight"], weights.state["cross.in_proj_bias"]
    return matrix.T * scale, bias * scale


def attend(graph: Graph, tail: Tail, shape: Shape, weeks: str, observed: str) -> str:
    """What the last week attends to: (B, T, width) to (B, heads * width)."""
    weights = attention(graph, keys(graph, tail, shape, weeks), weeks, observed)
    return graph.reshape(graph.op("MatMul", weights, weeks), 0, shape.heads * shape.width)


def keys(graph: Graph, tail: Tail, shape: Shape, weeks: str) -> str:
    """What each head looks for in a week's state: (B, heads, width)."""
    last = graph.op("Gather", weeks, graph.constant(shape.length - 1, np.int64), axis=1)
    query = graph.linear(last, (tail.query, tail.query_bias))
    query = graph.reshape(query, 0, shape.heads, 1, -1)
    sought = graph.op("MatMul", query, graph.matrix(tail.keys, gates_last=True))
    return graph.reshape(sought, 0, shape.heads, shape.width)


def attention(graph: Graph, sought: str, weeks: str, observed: str) -> str:
    """Weights over the weeks, padding 0: (B, heads, T)."""
    scores = graph.op("MatMul", sought, graph.op("Transpose", weeks, perm=[0, 2, 1]))
    masked = graph.op("Where", observed, graph.constant(0.0), graph.constant(MASKED))
    masked = graph.op("Unsqueeze", masked, graph.constant([1], np.int64))
    return graph.op("Softmax", graph.op("Add", scores, masked), axis=-1)


def head(graph: Graph, tail: Tail, attended: str) -> str:
    """Fusion and both heads: score logit and category logits side by side, (B, 1 + 4)."""
    x = attended
    for layer in ((tail.fuse, tail.fuse_bias), tail.second, tail.hidden):
        x = graph.op("Relu", graph.linear(x, layer))
    return graph.linear(x, tail.out)
