"""The plain measures of a text, counted by hand."""

import pytest

from edupulse_core.families.difficulty.frequency import Frequencies
from edupulse_core.families.difficulty.measures import MEASURES, measure, syllables
from edupulse_core.training.sentences import sentences_of, words_of


def measured(text: str) -> dict[str, float]:
    return dict(zip(MEASURES, measure([text])[0].tolist(), strict=True))


def test_a_text_is_counted_as_one_would_by_hand() -> None:
    found = measured("The cat sat. Photosynthesis, we know, feeds the plants!")

    assert (found["words"], found["sentences"]) == (9, 2)
    assert found["words_per_sentence"] == 4.5
    assert found["commas_per_sentence"] == 1
    assert found["long_words"] == found["hard_words"] == pytest.approx(1 / 9)
    assert found["rare_words"] == pytest.approx(5 / 9)  # cat, sat, photosynthesis, feeds, plants
    assert found["distinct_words"] == pytest.approx(8 / 3)


def test_a_text_without_words_is_all_zeros() -> None:
    assert set(measured("12 … !").values()) == {0.0}


@pytest.mark.parametrize(
    ("word", "count"), [("cat", 1), ("table", 2), ("rate", 1), ("banana", 3), ("see", 1), ("hm", 1)]
)
def test_syllables_are_groups_of_vowels(word: str, count: int) -> None:
    assert syllables(word) == count


def test_words_keep_their_apostrophes_and_lose_their_digits() -> None:
    assert words_of("Don't sell 12 books2read") == ["don't", "sell", "books", "read"]


def test_a_line_that_ends_also_ends_a_sentence() -> None:
    assert sentences_of('A title\n"Go!" she said. Then... nothing') == [
        "A title",
        '"Go!"',
        "she said.",
        "Then...",
        "nothing",
    ]


def test_a_text_and_its_versions_are_taken_out_of_its_own_counts() -> None:
    texts = ["red ball", "red ball", "red hat", "red sun"]
    counted = Frequencies.of(texts, 100)

    assert counted.counts == {"red": 4, "ball": 2}
    alone = counted.measures(texts, [[0], [1], [2], [3]])[0]
    versions = counted.measures(texts, [[0, 1], [0, 1], [2], [3]])[0]
    new = counted.measures(texts[:1])[0]
    assert versions[0] < alone[0] < new[0]
