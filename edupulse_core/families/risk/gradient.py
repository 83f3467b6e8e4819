"""The gradient of the score's logit by every feature and week, as an ONNX graph written by hand.

Attributions for a whole district need thousands of gradients; this graph gives them at a third of
the time of automatic differentiation, in a process without torch. The forward pass is that of
`graph.py`; the gates are computed again for all weeks at once, so that only the recursion back
through time runs week by week, all GRUs of a layer together.

A *chain* is one direction of one modality's GRU: first all forward ones, then all backward ones. A
backward chain's arrays run in its own time, from the last week to the first.
"""

from dataclasses import dataclass

import numpy as np

from edupulse_core.families.risk.graph import (
    Array,
    Crossed,
    Graph,
    Tail,
    Weights,
    attention,
    cross,
    cross_inputs,
    declared,
    fold,
    gru,
    keys,
)


def gradient(weights: Weights) -> bytes:
    """The file that explains scores.

    Inputs: values (B, T, F) float32 *standardised*, unknown and padding 0; observed (B, T) bool.
    Outputs: score_logit (B,); gradient (B, T, F), 0 where not observed; attention (B, heads, T) of
    the scored week, 0 on padding.
    """
    return _Backward(weights).file()


@dataclass(frozen=True)
class _Gates:
    """What a layer's forward pass leaves for the way back; (T, chains, B, ...) each."""

    keep: str  # share of the old state that stays
    to_state: str  # d gates / d state, times what reaches the recurrent weights
    to_input: str  # the same for the input weights


class _Backward:
    def __init__(self, weights: Weights) -> None:
        self.weights, self.shape, self.tail = weights, weights.shape, fold(weights)
        self.graph = Graph()
        self.modalities = len(self.shape.sizes)
        self.chains = [(m, d) for d in (0, 1) for m in range(self.modalities)]

    def file(self) -> bytes:
        graph = self.graph
        inputs, observed = declared(self.shape)
        x = graph.op("Transpose", "values", perm=[1, 0, 2])
        layers, gates = [x], []
        for layer in range(self.shape.layers):
            states = self._states(layer, layers[-1])
            gates.append(self._gates(layer, layers[-1], states))
            layers.append(states)
        logit, looks, by_states = self._tail(layers[-1], observed)
        for layer in reversed(range(self.shape.layers)):
            by_states = self._back(layer, by_states, gates[layer])
        week = graph.op("Unsqueeze", observed, graph.constant([2], np.int64))
        by_values = graph.op("Transpose", by_states, perm=[1, 0, 2])
        masked = graph.op("Where", week, by_values, graph.constant(0.0))
        size = inputs["values"][1]
        outputs = {
            "score_logit": (logit, size[:1]),
            "gradient": (masked, size),
            "attention": (looks, [size[0], self.shape.heads, size[1]]),
        }
        return graph.file(inputs, outputs)

    def _states(self, layer: int, below: str) -> str:
        """A layer's states, natural time: (T, B, F) or (T, 2, M, B, H) to (T, 2, M, B, H)."""
        graph, states = self.graph, []
        for m, part in enumerate(self._inputs(layer, below)):
            made = gru(graph, self.weights, m, layer, part)  # (T, 2, B, H)
            states.append(graph.op("Unsqueeze", made, graph.constant([2], np.int64)))
        return graph.op("Concat", *states, axis=2) if len(states) > 1 else states[0]

    def _inputs(self, layer: int, below: str) -> list[str]:
        """What each modality's GRU reads: (T, B, in)."""
        graph, shape = self.graph, self.shape
        if layer == 0:
            return graph.split(below, shape.sizes, axis=2)
        rows = graph.op("Transpose", below, perm=[2, 0, 3, 1, 4])  # (M, T, B, 2, H)
        rows = graph.reshape(rows, 0, 0, 0, shape.token)
        parts = graph.split(rows, [1] * self.modalities, axis=0)
        return [graph.op("Squeeze", part, graph.constant([0], np.int64)) for part in parts]

    def _gates(self, layer: int, below: str, states: str) -> _Gates:
        """Every week's gates at once, since every state is known by now."""
        graph, h = self.graph, self.shape.hidden
        own = self._own_time(states)  # (T, C, B, H)
        before = self._shifted(own)
        inputs = graph.op("Add", self._projected(layer, below), self._bias("bias_ih", layer))
        recurrent = graph.op("MatMul", before, graph.constant(self._recurrent(layer)))
        recurrent = graph.op("Add", recurrent, self._bias("bias_hh", layer))
        in_rz, in_n = graph.split(inputs, [2 * h, h], axis=3)
        re_rz, re_n = graph.split(recurrent, [2 * h, h], axis=3)
        rz = graph.op("Sigmoid", graph.op("Add", in_rz, re_rz))
        reset, keep = graph.split(rz, [h, h], axis=3)
        new = graph.op("Tanh", graph.op("Add", in_n, graph.op("Mul", reset, re_n)))
        one = graph.constant(1.0)
        fresh = graph.op("Sub", one, keep)
        by_new = graph.op("Mul", fresh, graph.op("Sub", one, graph.op("Mul", new, new)))
        slope = graph.op("Mul", reset, graph.op("Sub", one, reset))
        by_reset = graph.op("Mul", graph.op("Mul", by_new, re_n), slope)
        slope = graph.op("Mul", keep, fresh)
        by_keep = graph.op("Mul", graph.op("Sub", before, new), slope)
        by_gated = graph.op("Mul", by_new, reset)
        return _Gates(
            keep=keep,
            to_state=graph.op("Concat", by_reset, by_keep, by_gated, axis=3),
            to_input=graph.op("Concat", by_reset, by_keep, by_new, axis=3),
        )

    def _own_time(self, states: str) -> str:
        """(T, 2, M, B, H), natural time, to (T, chains, B, H), each chain in its own time."""
        graph = self.graph
        forward, backward = graph.split(states, [1, 1], axis=1)
        both = graph.op("Concat", forward, self._reversed(backward), axis=1)
        return self._merged(both)

    def _merged(self, both: str) -> str:
        length, h = self.shape.length, self.shape.hidden
        return self.graph.reshape(both, length, len(self.chains), -1, h)

    def _reversed(self, x: str) -> str:
        backwards = self.graph.constant(np.arange(self.shape.length)[::-1], np.int64)
        return self.graph.op("Gather", x, backwards, axis=0)

    def _shifted(self, own: str) -> str:
        """The state before each week; before the first it is 0."""
        earlier, last = self.graph.split(own, [self.shape.length - 1, 1], axis=0)
        zero = self.graph.op("Mul", last, self.graph.constant(0.0))
        return self.graph.op("Concat", zero, earlier, axis=0)

    def _projected(self, layer: int, below: str) -> str:
        """Input weights times input, own time: (T, chains, B, 3 H)."""
        graph = self.graph
        stacked = [
            graph.op("Unsqueeze", part, graph.constant([1], np.int64))
            for part in self._inputs(layer, below)
        ]
        made: list[str] = []
        for direction in (0, 1):
            for m, part in enumerate(stacked):
                given = self.weights.gru("weight_ih", m, layer, direction).T
                product = graph.op("MatMul", part, graph.constant(given))
                made.append(self._reversed(product) if direction else product)
        return graph.op("Concat", *made, axis=1)

    def _recurrent(self, layer: int) -> Array:
        """(chains, H, 3 H)."""
        return np.stack([self.weights.gru("weight_hh", m, layer, d).T for m, d in self.chains])

    def _bias(self, name: str, layer: int) -> str:
        stacked = np.stack([self.weights.gru(name, m, layer, d) for m, d in self.chains])
        return self.graph.constant(stacked[:, None])

    def _back(self, layer: int, by_states: str, gates: _Gates) -> str:
        """From d logit / d states (T, chains, B, H), own time, to the same of the layer's input."""
        by_states = self._through_time(layer, by_states, gates)
        thrice = self.graph.op("Concat", by_states, by_states, by_states, axis=3)
        by_gates = self.graph.op("Mul", thrice, gates.to_input)  # (T, C, B, 3H)
        parts = self.graph.split(by_gates, [1] * len(self.chains), axis=1)
        inputs = []
        for m in range(self.modalities):
            both = []
            for direction in (0, 1):
                part = parts[direction * self.modalities + m]
                given = self.weights.gru("weight_ih", m, layer, direction)
                product = self.graph.op("MatMul", part, self.graph.constant(given))
                both.append(self._reversed(product) if direction else product)
            inputs.append(self.graph.op("Add", *both))  # (T, 1, B, in), natural time
        if layer == 0:
            joined = self.graph.op("Concat", *inputs, axis=3)
            return self.graph.op("Squeeze", joined, self.graph.constant([1], np.int64))
        return self._own_chains(self.graph.op("Concat", *inputs, axis=1))

    def _own_chains(self, by_rows: str) -> str:
        """(T, M, B, 2 H), natural time, to (T, chains, B, H), own time."""
        h = self.shape.hidden
        forward, backward = self.graph.split(by_rows, [h, h], axis=3)
        return self.graph.op("Concat", forward, self._reversed(backward), axis=1)

    def _through_time(self, layer: int, by_states: str, gates: _Gates) -> str:
        """Add what each week's state does to later weeks; the one loop over time."""
        graph, length = self.graph, self.shape.length
        back = graph.constant(self._recurrent(layer).transpose(0, 2, 1))
        weeks = {
            name: graph.split(value, [1] * length, axis=0)
            for name, value in (
                ("direct", by_states),
                ("keep", gates.keep),
                ("to_state", gates.to_state),
            )
        }
        total = weeks["direct"][-1]
        totals = [total]
        for t in range(length - 1, 0, -1):
            thrice = graph.op("Concat", total, total, total, axis=3)
            through = graph.op("MatMul", graph.op("Mul", thrice, weeks["to_state"][t]), back)
            kept = graph.op("Mul", total, weeks["keep"][t])
            total = graph.op("Add", weeks["direct"][t - 1], graph.op("Add", kept, through))
            totals.append(total)
        return graph.op("Concat", *reversed(totals), axis=0)

    def _tail(self, states: str, observed: str) -> tuple[str, str, str]:
        """The logit, the attention, and d logit / d states as (T, chains, B, H), own time."""
        graph, tail, shape = self.graph, self.tail, self.shape
        weeks = graph.op("Transpose", states, perm=[3, 0, 2, 1, 4])  # (B, T, M, 2, H)
        weeks = graph.reshape(weeks, 0, 0, shape.width)
        crossed = cross(graph, self.weights, weeks) if shape.cross_heads else None
        if crossed:
            weeks = crossed.weeks
        sought = keys(graph, tail, shape, weeks)
        looks = attention(graph, sought, weeks, observed)
        attended = graph.op("MatMul", looks, weeks)
        logit, by_attended = self._head(graph.reshape(attended, 0, shape.heads * shape.width))
        by_attended = graph.reshape(by_attended, 0, shape.heads, shape.width)
        by_looks = graph.op(
            "MatMul", by_attended, graph.op("Transpose", weeks, perm=[0, 2, 1])
        )  # (B, heads, T)
        by_scores = self._softmax(looks, by_looks, axis=2)
        by_weeks = graph.op(
            "Add",
            graph.op("MatMul", graph.op("Transpose", looks, perm=[0, 2, 1]), by_attended),
            graph.op("MatMul", graph.op("Transpose", by_scores, perm=[0, 2, 1]), sought),
        )
        by_sought = graph.op("MatMul", by_scores, weeks)  # (B, heads, width)
        by_weeks = self._add_to_last(by_weeks, self._query(tail, by_sought))
        by_tokens = graph.reshape(by_weeks, 0, 0, self.modalities, shape.token)
        if crossed:
            by_tokens = self._cross(crossed, by_tokens)
        rows = graph.op("Transpose", by_tokens, perm=[1, 2, 0, 3])
        return logit, looks, self._own_chains(rows)

    def _softmax(self, looks: str, by_looks: str, *, axis: int) -> str:
        """Through the softmax over an axis back to the scores."""
        graph = self.graph
        weighted = graph.op("Mul", looks, by_looks)
        mean = graph.op("ReduceSum", weighted, graph.constant([axis], np.int64), keepdims=1)
        return graph.op("Sub", weighted, graph.op("Mul", looks, mean))

    def _cross(self, crossed: Crossed, by_met: str) -> str:
        """Through the attention between modalities; (B, T, M, token) both."""
        graph, shape, heads = self.graph, self.shape, self.shape.cross_heads
        by_sum = self._norm(crossed, by_met)
        out = graph.constant(self.weights.state["cross.out_proj.weight"])
        by_mixed = graph.reshape(graph.op("MatMul", by_sum, out), 0, 0, 0, heads, -1)
        by_mixed = graph.op("Transpose", by_mixed, perm=[0, 1, 3, 2, 4])  # (B, T, heads, M, d)

        def turned(x: str) -> str:
            return graph.op("Transpose", x, perm=[0, 1, 2, 4, 3])

        by_looks = graph.op("MatMul", by_mixed, turned(crossed.value))
        by_scores = self._softmax(crossed.looks, by_looks, axis=4)
        by_inputs = graph.op(
            "Concat",
            graph.op("MatMul", by_scores, crossed.key),
            graph.op("MatMul", turned(by_scores), crossed.query),
            graph.op("MatMul", turned(crossed.looks), by_mixed),
            axis=2,
        )
        by_inputs = graph.op("Transpose", by_inputs, perm=[0, 1, 3, 2, 4])
        by_inputs = graph.reshape(by_inputs, 0, 0, 0, 3 * shape.token)
        back = graph.constant(cross_inputs(self.weights)[0].T)
        return graph.op("Add", by_sum, graph.op("MatMul", by_inputs, back))

    def _norm(self, crossed: Crossed, by_met: str) -> str:
        """Through layer normalisation, whose scale is in the tail; (B, T, M, token) both."""
        graph, shape = self.graph, self.shape
        met = graph.reshape(crossed.weeks, 0, 0, self.modalities, shape.token)
        mean = graph.op("ReduceMean", by_met, axes=[3], keepdims=1)
        along = graph.op("ReduceMean", graph.op("Mul", by_met, met), axes=[3], keepdims=1)
        across = graph.op("Sub", graph.op("Sub", by_met, mean), graph.op("Mul", met, along))
        return graph.op("Mul", across, crossed.per_spread)

    def _query(self, tail: Tail, by_sought: str) -> str:
        """Through the query back to the last week's state: (B, 1, width)."""
        graph = self.graph
        each = graph.op("Unsqueeze", by_sought, graph.constant([2], np.int64))
        by_query = graph.op("MatMul", each, graph.constant(tail.keys.transpose(0, 2, 1)))
        by_query = graph.reshape(by_query, 0, 1, tail.query.shape[1])
        return graph.op("MatMul", by_query, graph.constant(tail.query.T))

    def _add_to_last(self, by_weeks: str, by_last: str) -> str:
        graph = self.graph
        earlier, last = graph.split(by_weeks, [self.shape.length - 1, 1], axis=1)
        return graph.op("Concat", earlier, graph.op("Add", last, by_last), axis=1)

    def _head(self, x: str) -> tuple[str, str]:
        """The score's logit, and its gradient by the attended states."""
        graph, tail = self.graph, self.tail
        layers = ((tail.fuse, tail.fuse_bias), tail.second, tail.hidden)
        open_gates = []
        for layer in layers:
            x = graph.op("Relu", graph.linear(x, layer))
            positive = graph.op("Greater", x, graph.constant(0.0))
            open_gates.append(positive)
        logit = graph.linear(x, (tail.out[0][:, :1], tail.out[1][:1]))
        by = graph.constant(tail.out[0][:, 0][None])  # the last layer is linear
        for layer, positive in zip(reversed(layers), reversed(open_gates), strict=True):
            by = graph.op("Where", positive, by, graph.constant(0.0))
            by = graph.op("MatMul", by, graph.constant(layer[0].T))
        return graph.op("Squeeze", logit, graph.constant([1], np.int64)), by
