"""Scores students with a model that EduPulse exported. It needs only numpy and onnxruntime.

    python score.py features.csv --out scores.csv [--week 2026-03-02]
    python score.py windows.npz --out scores.csv

`features.csv` is what `edupulse features --out features.csv` writes: a row for each student and
week. The newest week is scored, or the one that begins on the Monday given. `windows.npz` holds the
arrays `values` (N, T, F), oldest week first and NaN where unknown, and `observed` (N, T), False in
weeks before a student's first. From Python: `Scorer(folder).predict(values, observed)`.

EduPulse copies this file unchanged into every export, so it imports nothing of EduPulse.
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = NDArray[np.float32]
Mask = NDArray[np.bool_]
Logits = tuple[NDArray[Any], NDArray[Any]]  # of the score (N,) and of the levels (N, K)

LEAST = 1e-6  # a probability is no nearer to 0 before its logarithm is taken
ROWS = 512  # scored at once


class Scorer:
    """An exported model. `about` is its model.json."""

    def __init__(self, folder: Path) -> None:
        self.about: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
        self.features: list[str] = self.about["features"]
        self.length = int(self.about["length"])  # weeks of a window
        self._mean = np.asarray(self.about["mean"], np.float32)
        self._std = np.asarray(self.about["std"], np.float32)
        self._graphs = {path.name: _session(path) for path in sorted(folder.glob("*.onnx"))}

    def predict(self, values: NDArray[Any], observed: Mask | None = None) -> dict[str, Any]:
        """Score windows (N, T, F). Returns arrays by name: score (N,), tier (N,) and, where the
        model was calibrated for these levels, probabilities (N, K), lowest and highest (N,).
        """
        if values.shape[1:] != (self.length, len(self.features)):
            raise ValueError(
                f"windows must have {self.length} weeks by {len(self.features)} features, "
                f"found {values.shape[1:]}"
            )
        weeks = np.ascontiguousarray(values, np.float32)
        seen = np.ones(weeks.shape[:2], bool) if observed is None else np.asarray(observed, bool)
        parts = [
            self._logits(self.about["algorithm"], weeks[at : at + ROWS], seen[at : at + ROWS])
            for at in range(0, len(weeks), ROWS)
        ]
        tiers = self.about["tiers"]
        names = np.asarray(tiers["names"], object)
        raw = np.concatenate([np.empty(0), *(score for score, _ in parts)])
        levels = np.concatenate([np.empty((0, len(names))), *(level for _, level in parts)])
        score = _sigmoid(_map(self.about["calibration"], raw))
        place = np.digitize(np.round(score, 9), tiers["edges"])
        found: dict[str, Any] = {"score": score, "tier": names[place]}
        if self.about["is_calibrated_for_tiers"]:
            found["probabilities"] = _softmax(levels)
            if self.about["bands"]:
                lowest, highest = _bands(self.about["bands"], score, found["probabilities"], place)
                found |= {"lowest": names[lowest], "highest": names[highest]}
        return found

    def _logits(self, algorithm: str, values: Values, observed: Mask) -> Logits:
        """The raw outputs of one of the algorithms."""
        if algorithm == "network":
            score, levels, *_ = self._run("model.onnx", values, observed)
            return score, levels
        if algorithm == "gradient_boosting":
            x = _summaries(values, observed)
            return self._run("score.onnx", x)[0][:, 0], self._steps(self._run("levels.onnx", x)[0])
        if algorithm == "logistic_regression":
            return self._linear(values, observed)
        mix = self.about["blend"]
        each = [self._logits(name, values, observed) for name in mix["members"]]
        members = mix["members"].values()
        raw = [_map(one, score) for one, (score, _) in zip(members, each, strict=True)]
        shares = np.mean([_softmax(levels) for _, levels in each], axis=0)
        return np.mean(raw, axis=0), mix["scale"] * np.log(np.maximum(shares, LEAST)) + mix["shift"]

    def _run(self, file: str, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        graph = self._graphs[file]
        given = {one.name: value for one, value in zip(graph.get_inputs(), inputs, strict=True)}
        outputs: list[NDArray[Any]] = graph.run(None, given)
        return outputs

    def _steps(self, logits: NDArray[Any]) -> Array:
        """Trees say how likely each level or a higher one is: (N, K - 1) to logits (N, K)."""
        above = np.minimum.accumulate(1 / (1 + np.exp(-logits.astype(np.float64))), axis=1)
        bounds = np.pad(above, ((0, 0), (1, 1)), constant_values=((0, 0), (1.0, 0.0)))
        line = self.about["trees"]
        shares = np.log(np.maximum(-np.diff(bounds, axis=1), LEAST))
        levels: Array = line["scale"] * shares + np.asarray(line["shift"])
        return levels

    def _linear(self, values: Values, observed: Mask) -> Logits:
        known = ~np.isnan(values) & observed[..., None]
        scaled = np.where(known, (values - self._mean) / self._std, np.float32(0))
        mean = scaled.sum(axis=1, dtype=np.float64) / np.maximum(known.sum(axis=1), 1)
        lines = {name: np.asarray(each) for name, each in self.about["linear"].items()}
        found = np.einsum("nf,kf->nk", scaled[:, -1].astype(np.float64), lines["last"])
        found = found + np.einsum("nf,kf->nk", mean, lines["mean"]) + lines["start"]
        return found[:, 0], found[:, 1:]

    def windows(
        self, path: Path, week: str = ""
    ) -> tuple[list[str], str, NDArray[np.float32], Mask]:
        """Read a file of features: the students of a week, its Monday, values and observed.

        week: the newest in the file unless given. Later weeks are not looked at. A student about
        whom too few weeks are known is left out.
        """
        history: dict[str, list[tuple[str, Values]]] = {}
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            missing = [
                name
                for name in ("student_id", "week_start", *self.features)
                if name not in (rows.fieldnames or ())
            ]
            if missing:
                raise ValueError(f"{path}: there is no column {missing[0]!r}")
            for row in rows:
                numbers = [float(row[name]) if row[name] else np.nan for name in self.features]
                line = (row["week_start"], np.asarray(numbers, np.float32))
                history.setdefault(row["student_id"], []).append(line)
        monday = week or max((at for rows in history.values() for at, _ in rows), default="")
        who, values, observed = [], [], []
        for student, lines in sorted(history.items()):
            past = sorted((line for line in lines if line[0] <= monday), key=lambda line: line[0])
            past = past[-self.length :]
            if past and past[-1][0] == monday and self._knows_enough([each for _, each in past]):
                pad = self.length - len(past)
                empty = np.full((pad, len(self.features)), np.nan, np.float32)
                who.append(student)
                values.append(np.concatenate([empty, [each for _, each in past]]))
                observed.append(np.arange(self.length) >= pad)
        shape = (len(who), self.length, len(self.features))
        weeks = np.asarray(values, np.float32).reshape(shape)
        return who, monday, weeks, np.asarray(observed, bool).reshape(shape[:2])

    def _knows_enough(self, weeks: Sequence[Values]) -> bool:
        """Whether enough weeks have attendance or grades."""
        told = [self.features.index(name) for name in self.about["known_by"]]
        known = sum(bool((~np.isnan(each[told])).any()) for each in weeks) if told else len(weeks)
        return known >= int(self.about["least_known_weeks"])


def _session(path: Path) -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # or it would tell its makers what runs here
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )


def _map(calibration: dict[str, Any], raw: NDArray[Any]) -> Array:
    """A rising line with bends, from logit to logit; straight on beyond its ends."""
    x, y = np.asarray(calibration["raw"]), np.asarray(calibration["calibrated"])
    slopes = np.diff(y) / np.diff(x)
    wide = raw.astype(np.float64)
    piece = np.clip(np.searchsorted(x, wide, side="right") - 1, 0, len(slopes) - 1)
    mapped: Array = y[piece] + slopes[piece] * (wide - x[piece])
    return mapped


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    found: Array = np.where(x >= 0, 1.0, small) / (1.0 + small)
    return found


def _softmax(logits: NDArray[Any]) -> Array:
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _summaries(values: Values, observed: Mask) -> Values:
    """What trees read: the last week, and mean, spread, range, slope and recent mean of all."""
    known = ~np.isnan(values) & observed[..., None]
    filled = np.where(known, values, np.float32(0))
    n = known.sum(axis=1).astype(np.float32)
    some = np.maximum(n, 1)
    mean = filled.sum(axis=1) / some
    away = np.where(known, filled - mean[:, None], np.float32(0))
    time = np.arange(values.shape[1], dtype=np.float32)[None, :, None] * known
    late = np.where(known, time - (time.sum(axis=1) / some)[:, None], np.float32(0))
    parts = [
        values[:, -1],
        mean,
        np.sqrt((away**2).sum(axis=1) / some),
        np.where(known, values, np.float32(-np.inf)).max(axis=1),
        np.where(known, values, np.float32(np.inf)).min(axis=1),
        (late * away).sum(axis=1) / np.maximum((late**2).sum(axis=1), 1),
        filled[:, -4:].sum(axis=1) / np.maximum(known[:, -4:].sum(axis=1), 1),
    ]
    parts = [np.where(n > 0, part, np.nan) for part in parts]
    return np.concatenate([*parts, observed.sum(axis=1, keepdims=True)], axis=1).astype(np.float32)


def _bands(
    bands: dict[str, Any], score: Array, shares: Array, shown: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and highest level of each band: the likelier neighbor joins until it is enough."""
    enough = np.asarray(bands["enough"])[np.digitize(score, bands["edges"])]
    rows, count = np.arange(len(score)), shares.shape[1]
    walled = np.pad(shares, ((0, 0), (1, 1)), constant_values=-1.0)
    before = np.zeros_like(shares)
    low, high, inside = shown + 1, shown + 1, shares[rows, shown]
    for _ in range(count - 1):
        down = walled[rows, low - 1] > walled[rows, high + 1]
        low, high = np.where(down, low - 1, low), np.where(down, high, high + 1)
        joined = np.where(down, low, high)
        before[rows, joined - 1] = inside
        inside = inside + walled[rows, joined]
    within = before <= enough[:, None]
    return within.argmax(axis=1), count - 1 - within[:, ::-1].argmax(axis=1)


def _lines(keys: Iterable[Sequence[str]], found: dict[str, Any]) -> Iterable[list[str]]:
    """Rows of the file of scores; numbers keep their full precision."""
    for at, key in enumerate(keys):
        shares = found["probabilities"][at].tolist() if "probabilities" in found else []
        band = [found[name][at] for name in ("lowest", "highest") if name in found]
        yield [*key, repr(float(found["score"][at])), found["tier"][at], *band, *map(repr, shares)]


def main() -> None:
    """Score a file and write the scores."""
    words = argparse.ArgumentParser(description="Score students with an exported EduPulse model.")
    words.add_argument("file", type=Path, help="features.csv, or windows.npz")
    words.add_argument("--out", type=Path, required=True, help="the .csv file to write")
    words.add_argument("--week", default="", help="the Monday of the week to score")
    given = words.parse_args()
    scorer = Scorer(Path(__file__).resolve().parent)
    try:
        if given.file.suffix == ".npz":
            with np.load(given.file) as arrays:
                found = scorer.predict(arrays["values"], arrays.get("observed"))
            head, keys = ["row"], [[str(at)] for at in range(len(found["score"]))]
        else:
            who, monday, values, observed = scorer.windows(given.file, given.week)
            found = scorer.predict(values, observed)
            head, keys = ["student_id", "week_start"], [[name, monday] for name in who]
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"score.py: {error}")
    head += ["score", "tier", *(name for name in ("lowest", "highest") if name in found)]
    if "probabilities" in found:
        head += [f"probability_{name}" for name in scorer.about["tiers"]["names"]]
    with given.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(_lines(keys, found))


if __name__ == "__main__":
    main()
