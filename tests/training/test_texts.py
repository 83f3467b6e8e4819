"""Texts become vectors: like texts lie close together, and a saved encoder says the same."""

from pathlib import Path

import numpy as np
import pytest

from edupulse_core.errors import MissingError, ModelError
from edupulse_core.training.texts import KNOWN, Terms, Texts

CATS = ["The cat sleeps on the mat.", "A cat and a kitten sleep.", "My kitten sleeps all day."]
SUMS = ["Add the two numbers.", "Numbers add to a sum.", "The sum of two numbers is even."]


def test_texts_about_the_same_are_closer_than_others() -> None:
    cat, kitten, numbers = Texts.fit(CATS + SUMS, width=3).encode(
        ["a cat sleeps", "the kitten sleeps", "add numbers"]
    )

    assert cat @ kitten > cat @ numbers + 0.3


def test_vectors_have_the_width_asked_for_however_few_texts_there_are() -> None:
    made = Texts.fit(CATS, width=50).encode(["The cat.", "", "unknown words"])

    assert made.shape == (3, 50) and made.dtype == np.float32
    assert np.linalg.norm(made, axis=1).round(5).tolist() == [1.0, 0.0, 0.0]


def test_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    encoder = Texts.fit(CATS + SUMS, width=4)

    alone, beside = encoder.encode(["two cats"]), encoder.encode(["two cats", *SUMS])

    assert np.allclose(alone[0], beside[0])


def test_a_saved_encoder_is_opened_as_it_was(tmp_path: Path) -> None:
    made = Texts.fit(CATS + SUMS, width=4)

    made.save(tmp_path)

    assert np.array_equal(Texts.open(tmp_path).encode(CATS), made.encode(CATS))


def test_a_damaged_encoder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    Texts.fit(CATS, width=4).save(tmp_path)
    (tmp_path / KNOWN).write_text("{}")

    with pytest.raises(ModelError, match=r"texts\.json"):
        Texts.open(tmp_path)


def test_texts_without_words_are_refused() -> None:
    with pytest.raises(MissingError, match="no words"):
        Texts.fit(["", "…"])


def test_terms_can_be_groups_of_letters() -> None:
    terms = Terms.fit(["cat", "cut"], "char_wb", (2, 3))

    assert "ca" in terms.names and "cat" in terms.names and "cut " not in terms.names
    assert terms.weigh(["cat"]).shape == (1, len(terms.names))
