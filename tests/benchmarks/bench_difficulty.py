"""How hard public texts are, held out by author and by article, beside simpler ways.

CLEAR: excerpts of grades 3 to 12 with an easiness that teachers' comparisons gave (mean 0, standard
deviation 1.03); whole authors are held out. OneStopEnglish: articles at three levels; whole
articles are held out, and each text is judged alone. Nothing is pretrained, except what is named
after a sentence encoder, which is measured if the extra is installed.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edupulse_core.config import Settings
from edupulse_core.families.difficulty import encoders, levels, ngrams, report
from edupulse_core.families.difficulty.algorithms import ALGORITHMS
from edupulse_core.families.difficulty.examples import TextExamples
from edupulse_core.families.difficulty.measures import MEASURES
from edupulse_core.families.difficulty.network import NetworkPlan
from edupulse_core.families.difficulty.ngrams import NgramPlan
from edupulse_core.families.family import Array, Run, Split
from edupulse_core.training.likeness import scale
from edupulse_core.training.loop import LoopOptions
from edupulse_core.training.texts import Encoder, sentence_encoder
from tests.benchmarks import kept, public
from tests.benchmarks.command import carry_out, count, to_stderr

FOLDS = 5
VALIDATION = 8  # one in so many of the groups that are learned from
LEVELS = {"Ele-Txt": 1, "Int-Txt": 2, "Adv-Txt": 3}
QUICK = 300  # texts
PUBLISHED = {
    "clear": (
        ("best readability formula (published)", "0.840"),
        ("word and character n-gram ridge (published)", "0.652"),
        ("large pretrained transformers (published)", "0.446 to 0.476"),
    ),
    "onestop": (
        ("support vector machine (published)", "0.781"),
        ("pretrained transformer, articles not held out (published)", "0.99"),
    ),
}
Say = Callable[[Split[TextExamples], int], Array]  # split, seed -> what is said of split.test


class Remembering:
    """A sentence encoder that reads each text once, however many folds it is in."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.width = encoder, encoder.width
        self.known: dict[str, Any] = {}

    def encode(self, texts: Sequence[str]) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.known |= dict(zip(new, self.encoder.encode(new), strict=True))
        return np.stack([self.known[text] for text in texts])


@dataclass(frozen=True)
class Data:
    """Texts with what is known of them, and what must not be parted."""

    examples: TextExamples
    target: Array
    group: NDArray[Any]
    fold: NDArray[np.int64]


def run(
    settings: Settings,
    *,
    quick: bool = False,
    data: str = "",
    folds: int = FOLDS,
    seed: int = 0,
    only: str = "",
) -> dict[str, Any]:
    """RMSE on CLEAR, and accuracy and F1 on OneStopEnglish.  folds: of the five, so many."""
    folds = 1 if quick else min(folds, FOLDS)
    if encoder := sentence_encoder():
        remembering = Remembering(encoder)
        encoders.sentence_encoder = lambda: remembering  # type: ignore[assignment]
    found: dict[str, Any] = {"quick": quick, "partial": folds < FOLDS, "folds": folds}
    if only != "onestop":
        found["clear"] = _clear(data, quick, folds, seed)
    if only != "clear":
        found["onestop"] = _onestop(data, quick, folds, seed)
    return found


def _clear(data: str, quick: bool, folds: int, seed: int) -> dict[str, Any]:
    rows = pd.read_parquet(public.place(data, "difficulty", "clear.parquet"))
    rows = rows.iloc[:QUICK] if quick else rows
    target = rows["BT_easiness"].to_numpy(np.float64)
    ranks = pd.qcut(target, 5, labels=False) + 1.0  # the network learns fifths
    author = rows["Author"].fillna("unknown").to_numpy().astype(str)
    given = _given(rows["Excerpt"].tolist(), ranks, author, target, seed)
    said = _held_out(given, _numbers(given), folds, seed)
    tested = np.isin(given.fold, np.arange(folds))
    return {
        "texts": int(tested.sum()),
        "groups": len(np.unique(author[tested])),
        "rmse": {
            name: public.interval(
                lambda at, x=values[tested]: _rmse(x[at], target[tested][at]), author[tested]
            )
            for name, values in said.items()
        },
    }


def _onestop(data: str, quick: bool, folds: int, seed: int) -> dict[str, Any]:
    texts, level, article = [], [], []
    for folder, each in LEVELS.items():
        paths = sorted(public.place(data, "difficulty", "onestopenglish", folder).glob("*.txt"))
        for path in paths[: QUICK // 10] if quick else paths:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            texts.append(
                re.sub(r"^\s*(elementary|intermediate|advanced)\s*\n", "", text, flags=re.I)
            )
            level.append(float(each))
            article.append(path.stem.rsplit("-", 1)[0].strip())
    target, group = np.array(level), np.array(article)
    given = _given(texts, target, group, target, seed)
    said = _held_out(given, _chances(), folds, seed, width=5)
    tested = np.isin(given.fold, np.arange(folds))
    classes = given.examples.classes[tested]
    found: dict[str, Any] = {"texts": int(tested.sum()), "groups": len(np.unique(group[tested]))}
    for name in ("accuracy", "f1_macro", "auc"):
        found[name] = {
            way: public.interval(
                lambda at, x=values[tested], name=name: float(
                    report.figures(x[at], classes[at])[name][0]
                ),
                group[tested],
            )
            for way, values in said.items()
        }
    return found


def _given(texts: list[str], level: Array, group: NDArray[Any], target: Array, seed: int) -> Data:
    n = len(texts)
    examples = TextExamples(
        np.array([f"text {at}" for at in range(n)]),
        np.full(n, np.datetime64("2026-01-01")),
        tuple(texts),
        level,
        np.full(n, "reading"),
        np.full(n, "english"),
    )
    return Data(examples, target, group, public.folds_of(group, FOLDS, seed))


def _held_out(
    given: Data, ways: dict[str, Say], folds: int, seed: int, width: int = 0
) -> dict[str, Array]:
    """What each way says of each text of the folds that are tested."""
    shape = (len(given.fold), width) if width else (len(given.fold),)
    said = {name: np.zeros(shape) for name in ways}
    for each in range(folds):
        test = np.flatnonzero(given.fold == each)
        rest = np.flatnonzero(given.fold != each)
        part = public.folds_of(given.group[rest], VALIDATION, seed)
        train, held = rest[part > 0], rest[part == 0]
        split = Split(*(given.examples.of(part) for part in (train, held, test)))
        for name, say in ways.items():
            to_stderr(f"difficulty: fold {each + 1} of {folds}, {name}")
            said[name][test] = say(split, seed)
    return said


def _numbers(given: Data) -> dict[str, Say]:
    """Ways to tell an easiness."""
    place = {name: at for at, name in enumerate(given.examples.who.tolist())}

    def of(part: TextExamples) -> Array:
        return given.target[[place[name] for name in part.who.tolist()]]

    def both(split: Split[TextExamples]) -> tuple[list[str], Array]:
        texts = [*split.train.texts, *split.validation.texts]
        return texts, np.concatenate([of(split.train), of(split.validation)])

    def mean(split: Split[TextExamples], seed: int) -> Array:
        return np.full(len(split.test), both(split)[1].mean())

    def formula(split: Split[TextExamples], seed: int) -> Array:
        at = [list(MEASURES).index(name) for name in report.PLAIN]
        known = np.concatenate([split.train.measures, split.validation.measures])[:, at]
        middle, spread = known.mean(axis=0), known.std(axis=0)
        rows, asked = (
            np.column_stack([scale(part, middle, spread), np.ones(len(part))])
            for part in (known, split.test.measures[:, at])
        )
        line: Array = np.linalg.lstsq(rows, both(split)[1], rcond=None)[0]
        return asked @ line

    def ridge(plan: NgramPlan) -> Say:
        return lambda split, seed: ngrams.fit(*both(split), plan, seed=seed)[0].value(
            split.test.texts
        )

    def fifths(plan: NetworkPlan) -> Say:
        def say(split: Split[TextExamples], seed: int) -> Array:
            model = ALGORITHMS["network"].fit(split, plan, Run(seed=seed))
            known, classes = of(split.train), split.train.classes
            means = np.array([known[classes == level].mean() for level in range(5)])
            found: Array = model.probabilities(split.test) @ means
            return found

        return say

    ways: dict[str, Say] = {
        "mean of the others": mean,
        "readability formula": formula,
        "n-grams alone": ridge(NgramPlan(style=0.0, topic=0.0)),
        "ngram_ridge": ridge(NgramPlan()),
        "network": fifths(NetworkPlan()),
    }
    if sentence_encoder() is not None:
        ways["ngram_ridge, sentence encoder"] = ridge(NgramPlan(encoder="sentences"))
        ways["network, sentence encoder"] = fifths(NetworkPlan(encoder="sentences"))
    return ways


def _chances() -> dict[str, Say]:
    """Ways to tell the probability of each level."""

    def commonest(split: Split[TextExamples], seed: int) -> Array:
        return report.shares(split.train, len(split.test))

    def formula(split: Split[TextExamples], seed: int) -> Array:
        return report.readability(split.train, split.test)

    def trained(name: str, plan: Any) -> Say:
        def say(split: Split[TextExamples], seed: int) -> Array:
            model: levels.LevelModel = ALGORITHMS[name].fit(split, plan, Run(seed=seed))
            return model.probabilities(split.test)

        return say

    loop = LoopOptions(epochs=100, patience=15)
    ways: dict[str, Say] = {
        "commonest level": commonest,
        "readability formula": formula,
        "n-grams alone": trained("ngram_ridge", NgramPlan(style=0.0, topic=0.0)),
        "ngram_ridge": trained("ngram_ridge", NgramPlan()),
        "network": trained("network", NetworkPlan(loop=loop)),
    }
    if sentence_encoder() is not None:
        plan = NgramPlan(encoder="sentences")
        ways["ngram_ridge, sentence encoder"] = trained("ngram_ridge", plan)
        network = NetworkPlan(encoder="sentences", loop=loop)
        ways["network, sentence encoder"] = trained("network", network)
    return ways


def _rmse(said: Array, target: Array) -> float:
    return float(np.sqrt(np.mean((said - target) ** 2)))


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One table for each data set."""
    made = []
    if clear := found.get("clear"):
        rows = [{"Way": way, "RMSE": public.in_words(x)} for way, x in clear["rmse"].items()]
        rows += [{"Way": way, "RMSE": x} for way, x in PUBLISHED["clear"]]
        words = (
            f"{clear['texts']:,} excerpts of {clear['groups']:,} authors, each in the part of its "
            f"author held out ({found['folds']} of {FOLDS} parts); 95% intervals over authors."
        )
        made.append({"title": "Easiness of excerpts (CLEAR)", "words": words, "rows": rows})
    if onestop := found.get("onestop"):
        columns = {"Accuracy": "accuracy", "F1": "f1_macro", "AUC": "auc"}
        rows = [
            {"Way": way, **{name: public.in_words(onestop[x][way]) for name, x in columns.items()}}
            for way in onestop["accuracy"]
        ]
        rows += [{"Way": way, "Accuracy": x} for way, x in PUBLISHED["onestop"]]
        words = (
            f"{onestop['texts']:,} texts of {onestop['groups']:,} articles at three levels, whole "
            f"articles held out ({found['folds']} of {FOLDS} parts); 95% intervals over articles."
        )
        made.append({"title": "Level of an article (OneStopEnglish)", "words": words, "rows": rows})
    return made


if __name__ == "__main__":
    sys.exit(
        carry_out(
            "difficulty",
            run,
            sys.argv[1:],
            show=lambda found: kept.show(tables(found)),
            options={
                "--data": public.OPTION,
                "--folds": {"type": count, "default": FOLDS},
                "--only": {"choices": ("", "clear", "onestop"), "default": ""},
            },
        )
    )
