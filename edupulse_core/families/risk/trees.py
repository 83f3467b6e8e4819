"""Gradient boosting on summaries of each feature, kept as ONNX trees that need no scikit-learn."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edupulse_core.errors import ConfigError, ModelError
from edupulse_core.families import onnx
from edupulse_core.families import version as whole
from edupulse_core.families.risk.baselines import BOOSTING, ROUNDS, summaries
from edupulse_core.families.risk.learned import (
    LEAST,
    Array,
    Logits,
    Mask,
    Scale,
    Values,
    cross_entropy,
    logit,
)

SCORE, LEVELS, LINE = "score.onnx", "levels.onnx", "trees.json"
STRETCHES = (slice(None, -8), slice(-8, None))  # weeks that are deleted together: old and recent
STUDENTS = 64  # explained at once
PARTS = 4  # in which the score's trees grow, with the losses after each
STEEP = 6.0  # of the line that stands for a logit where trees predict a number in 0..1


@dataclass(frozen=True)
class BoostingPlan:
    """How the trees are grown."""

    rounds: int = ROUNDS  # trees of the score, and of each step between two levels
    learning_rate: float = BOOSTING["learning_rate"]
    leaves: int = BOOSTING["max_leaf_nodes"]  # of a tree, at most
    rows_a_leaf: int = BOOSTING["min_samples_leaf"]  # at least
    l2: float = BOOSTING["l2_regularization"]
    columns: float = BOOSTING["max_features"]  # share that each split may choose from

    def __post_init__(self) -> None:
        if min(self.rounds, self.rows_a_leaf) < 1 or self.leaves < 2 or self.learning_rate <= 0:
            raise ConfigError(
                "training: rounds, rows_a_leaf and learning_rate must be positive, leaves 2 or more"
            )
        if not 0 < self.columns <= 1 or self.l2 < 0:
            raise ConfigError("training: columns must be in (0, 1] and l2 at least 0")


@dataclass
class Trees:
    """The score's trees, and those of the three steps between levels."""

    score: bytes  # ONNX: summaries to (N, 1), the score's logit
    levels: bytes  # ONNX: summaries to (N, 3), the logits of Medium, High, Critical or above
    scale: float = 1.0
    shift: Array = field(default_factory=lambda: np.zeros(4))

    def logits(self, values: Values, observed: Mask, scale: Scale) -> Logits:
        """See `Learned.logits`."""
        return self.of_summaries(summaries(values, observed))

    def of_summaries(self, x: Values) -> Logits:
        """The same for summaries (N, S)."""
        above = 1 / (1 + np.exp(-self._levels(x)[0].astype(np.float64)))
        above = np.minimum.accumulate(above, axis=1)  # a higher level is never likelier
        bounds = np.concatenate([np.ones((len(x), 1)), above, np.zeros((len(x), 1))], axis=1)
        shares = np.maximum(-np.diff(bounds, axis=1), LEAST)
        return self._score(x)[0][:, 0], self.scale * np.log(shares) + self.shift

    def rescale(self, scale: float, shift: Array) -> None:
        """See `Learned.rescale`."""
        self.scale, self.shift = self.scale * scale, self.shift * scale + shift

    def put(self, folder: Path) -> None:
        """See `Learned.put`."""
        (folder / SCORE).write_bytes(self.score)
        (folder / LEVELS).write_bytes(self.levels)
        whole.write_json(folder / LINE, {"scale": self.scale, "shift": self.shift.tolist()})

    def lost(self, own: Values, typical: Values, way: Values, observed: Mask) -> Values:
        """What the score's logit loses without each feature, spread over its weeks: (N, T, F).

        own, typical: raw windows.  way: the standardized difference, 0 where there is none.
        A feature's recent weeks are made typical together, and so are its earlier ones.
        """
        made = np.zeros(way.shape, np.float32)
        for start in range(0, len(own), STUDENTS):
            part = slice(start, start + STUDENTS)
            made[part] = self._lost(own[part], typical[part], way[part], observed[part])
        return made

    def _lost(self, own: Values, typical: Values, way: Values, observed: Mask) -> Values:
        made = np.zeros(way.shape, np.float32)
        n, _, features = way.shape
        record = summaries(own, observed)
        logits = self._score(record)[0].astype(np.float64)  # (n, 1)
        columns = np.arange(record.shape[1] - 1).reshape(-1, features)  # of each feature
        for weeks in STRETCHES:
            without = own.copy()
            without[:, weeks] = np.where(way == 0, own, typical)[:, weeks]
            changed = summaries(without, observed)
            tried = np.repeat(record[:, None], features, axis=1)  # (n, F, S)
            for at in range(features):
                tried[:, at, columns[:, at]] = changed[:, columns[:, at]]
            found = self._score(tried.reshape(n * features, -1))[0].reshape(n, features)
            size = np.abs(way[:, weeks])
            share = size / np.maximum(size.sum(axis=1, keepdims=True), 1e-12)
            made[:, weeks] = (logits - found)[:, None] * share
        return made

    @cached_property
    def _score(self) -> onnx.OnnxRun:
        return onnx.OnnxRun(self.score)

    @cached_property
    def _levels(self) -> onnx.OnnxRun:
        return onnx.OnnxRun(self.levels)


def read(folder: Path) -> Trees:
    """Read saved trees. Raises ModelError when they are damaged."""
    line = whole.read_json(folder, LINE)
    try:
        scale, shift = float(line["scale"]), np.asarray(line["shift"], np.float64)
    except (KeyError, TypeError, ValueError):
        raise ModelError(f"version {folder.name} is damaged: {LINE} is incomplete") from None
    return Trees(whole.read(folder, SCORE), whole.read(folder, LEVELS), scale, shift)


def fit(
    train: tuple[Values, Mask, Array, Array],
    validation: tuple[Values, Mask, Array, Array],
    plan: BoostingPlan,
    *,
    seed: int = 0,
    done: Callable[[float], None] | None = None,
) -> tuple[Trees, list[dict[str, float]]]:
    """Grow the trees; returns them with the score's losses as they grew.

    train, validation: values, observed, severity (N,) in 0..1 and the levels' probabilities (N, 4).
    done: told the share that is done; it may raise to stop.
    """
    x, later = (summaries(values, seen) for values, seen, *_ in (train, validation))
    steps = np.cumsum(train[3][:, ::-1], axis=1)[:, ::-1][:, 1:]  # P(this level or above), (N, 3)
    targets = [train[2], *np.minimum(steps, 1.0).T]
    history: list[dict[str, float]] = []
    grown = []
    for at, target in enumerate(targets):
        model = _Boosted(target, plan, seed)
        parts = PARTS if at == 0 else 1
        for part in range(1, parts + 1):
            started = time.monotonic()
            model.grow(x, max(1, round(plan.rounds * part / parts)))
            if at == 0:
                losses = [
                    cross_entropy(model.logits(rows), actual)
                    for rows, actual in ((x, train[2]), (later, validation[2]))
                ]
                history.append(_record(model.rounds, losses, started))
            if done is not None:
                done((at + part / parts) / len(targets))
        grown.append(model.grown)
    return Trees(in_onnx(grown[:1], x.shape[1]), in_onnx(grown[1:], x.shape[1])), history


def _record(rounds: int, losses: list[float], started: float) -> dict[str, float]:
    """One line of the history: an epoch is the number of trees so far."""
    return {
        "epoch": rounds,
        "train_loss": losses[0],
        "validation_loss": losses[1],
        "seconds": round(time.monotonic() - started, 2),
    }


@dataclass(frozen=True)
class Grown:
    """The trees of one target: where they start, each one's nodes, and the columns they read."""

    start: float
    trees: list[NDArray[Any]]  # of scikit-learn's nodes, one array a tree
    columns: NDArray[np.int64]  # place of each input in the summaries
    size: float = 1.0  # that every leaf is multiplied by


class _Boosted:
    """Trees for one target: a classifier where it is yes or no, otherwise a regression.

    A regression's 0 to 1 becomes -3 to 3, close to a logit, and calibration does the rest. Rows
    with weights would do without it, but scikit-learn bins those very slowly.
    """

    def __init__(self, target: Array, plan: BoostingPlan, seed: int) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        self.target, self.rounds = target, 0
        seen = np.unique(target)
        self._is_constant = len(seen) < 2
        self._is_choice = bool(np.isin(seen, (0.0, 1.0)).all())
        kind = HistGradientBoostingClassifier if self._is_choice else HistGradientBoostingRegressor
        self._model = kind(
            learning_rate=plan.learning_rate,
            max_leaf_nodes=plan.leaves,
            min_samples_leaf=plan.rows_a_leaf,
            l2_regularization=plan.l2,
            max_features=plan.columns,
            early_stopping=False,
            warm_start=True,
            random_state=seed,
        )
        self._columns = np.empty(0, np.int64)

    def grow(self, x: Values, rounds: int) -> None:
        """Grow on to this many trees."""
        self.rounds = rounds
        self._columns = np.flatnonzero(~np.isnan(x).all(axis=0))  # the rest cannot be binned
        if not self._is_constant:
            self._model.set_params(max_iter=rounds)
            self._model.fit(x[:, self._columns], self.target)

    def logits(self, x: Values) -> Array:
        """The logits (N,) of summaries."""
        if self._is_constant:
            return np.full(len(x), self.grown.start)
        if self._is_choice:
            found: Array = self._model.decision_function(x[:, self._columns])
            return found
        near: Array = STEEP * (self._model.predict(x[:, self._columns]) - 0.5)
        return near

    @property
    def grown(self) -> Grown:
        """The trees so far."""
        if self._is_constant:
            return Grown(float(logit(self.target[:1])[0]), [], self._columns)
        trees = [each[0].nodes for each in self._model._predictors]
        start = float(self._model._baseline_prediction.item())
        if self._is_choice:
            return Grown(start, trees, self._columns)
        return Grown(STEEP * (start - 0.5), trees, self._columns, STEEP)


def in_onnx(targets: list[Grown], width: int) -> bytes:
    """Trees as an ONNX file: summaries (N, width) to logits (N, targets).

    Inputs are single precision, so a threshold rounded down to it sends each one the same way.
    """
    import onnx as graphs
    from onnx import TensorProto, helper

    parts: list[dict[str, NDArray[Any]]] = []
    for target, grown in enumerate(targets):
        for nodes in grown.trees:
            parts.append(_attributes(nodes, grown, len(parts), target))
    if not parts:  # an operator without a tree is refused
        parts.append(_attributes(_STUMP, Grown(0.0, [], np.zeros(1, np.int64)), 0, 0))
    merged = {name: np.concatenate([part[name] for part in parts]).tolist() for name in parts[0]}
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["summaries"],
        ["logits"],
        domain="ai.onnx.ml",
        n_targets=len(targets),
        base_values=[grown.start for grown in targets],
        aggregate_function="SUM",
        post_transform="NONE",
        **merged,
    )
    shapes: dict[str, list[str | int | None]] = {
        "summaries": ["batch", width],
        "logits": ["batch", len(targets)],
    }
    told = [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()]
    graph = helper.make_graph([node], "trees", told[:1], told[1:])
    sets = [helper.make_opsetid("", onnx.OPSET), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=10)
    graphs.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


_STUMP = np.zeros(
    1,
    dtype=[
        ("value", "f8"), ("feature_idx", "i8"), ("num_threshold", "f8"), ("is_leaf", "u1"),
        ("missing_go_to_left", "u1"), ("left", "u4"), ("right", "u4"),
    ],
)  # fmt: skip
_STUMP["is_leaf"] = 1


def _attributes(
    nodes: NDArray[Any], grown: Grown, tree: int, target: int
) -> dict[str, NDArray[Any]]:
    """One tree as the attributes of the ONNX operator."""
    leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    limit = nodes["num_threshold"].astype(np.float32)
    too_high = limit > nodes["num_threshold"]
    limit = np.where(too_high, np.nextafter(limit, np.float32(-np.inf)), limit)
    leaves = own[leaf]
    return {
        "nodes_treeids": np.full(len(nodes), tree),
        "nodes_nodeids": own,
        "nodes_featureids": np.where(
            leaf, 0, grown.columns[np.where(leaf, 0, nodes["feature_idx"])]
        ),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ"),
        "nodes_values": np.where(leaf, np.float32(0), limit),
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]).astype(np.int64),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]).astype(np.int64),
        "nodes_missing_value_tracks_true": np.where(leaf, 0, nodes["missing_go_to_left"]).astype(
            np.int64
        ),
        "target_treeids": np.full(len(leaves), tree),
        "target_nodeids": leaves,
        "target_ids": np.full(len(leaves), target),
        "target_weights": (grown.size * nodes["value"][leaf]).astype(np.float32),
    }
