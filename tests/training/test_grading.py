"""Scores of short answers: learned from graded ones, with a range, for a teacher to confirm."""

import numpy as np
import pytest

from edupulse_core.errors import RefusedError
from edupulse_core.training.grading import Answer, Grader
from edupulse_core.training.overlap import OVERLAPS, Words, stems

TOPICS = ("stack", "queue", "tree", "graph", "loop", "function")
FACTS = "memory order node element branch value call return input edge leaf root".split()


def cases(seed: int = 0) -> tuple[list[Answer], np.ndarray]:
    """Answers whose score is the share of the key's facts that they name."""
    rng = np.random.default_rng(seed)
    answers, scores = [], []
    for topic in TOPICS:
        facts = [str(x) for x in rng.choice(FACTS, 5, replace=False)]
        for _ in range(12):
            named = [fact for fact in facts if rng.random() < 0.5]
            filler = [str(x) for x in rng.choice(["maybe", "thing", "good", "fast"], 3)]
            said = " ".join(rng.permutation([*named, *filler]))
            answers.append(Answer(f"What is a {topic}?", f"A {topic} has {' '.join(facts)}", said))
            scores.append(len(named) / 5)
    return answers, np.array(scores)


@pytest.fixture(scope="module")
def grader() -> Grader:
    answers, scores = cases()
    return Grader.fit(answers, scores)


def test_an_answer_to_a_new_question_is_scored_by_what_it_says_of_the_key(grader: Grader) -> None:
    answers, scores = cases(seed=1)

    found = grader.propose(answers)

    said = np.array([one.value for one in found])
    assert np.corrcoef(said, scores)[0, 1] > 0.8
    held = [one.low <= score <= one.high for one, score in zip(found, scores, strict=True)]
    assert np.mean(held) > 0.8
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in found)


def test_only_a_wide_range_asks_to_be_read(grader: Grader) -> None:
    for one in grader.propose(cases(seed=1)[0]):
        assert one.must_be_read == (one.high - one.low > 0.5)


@pytest.mark.parametrize("blank", ["", " ", "…?"])
def test_an_answer_that_says_nothing_gets_nothing_and_must_be_read(
    grader: Grader, blank: str
) -> None:
    (one,) = grader.propose([Answer("What is a heap?", "A heap has order and a root", blank)])

    assert one.value == 0 and one.must_be_read


def test_an_answer_in_another_script_must_be_read(grader: Grader) -> None:
    (one,) = grader.propose([Answer("What is a heap?", "A heap has order", "植物用阳光制造糖")])

    assert (one.low, one.high) == (0, 1) and one.must_be_read


def test_what_a_teacher_gave_the_same_answer_moves_the_score(grader: Grader) -> None:
    asked = Answer("What is a heap?", "A heap has order and a root", "nothing of all this is true")
    (before,) = grader.propose([asked])

    (after,) = grader.propose([asked], [(asked, 1.0)])
    (other,) = grader.propose([asked], [(Answer("Another?", "key", asked.answer), 1.0)])

    assert after.value > before.value + 0.2
    assert other == before


def test_too_few_graded_answers_are_refused() -> None:
    answers, scores = cases()

    with pytest.raises(RefusedError, match="at least 30 answers"):
        Grader.fit(answers[:12], scores[:12])


def test_forms_of_a_word_are_the_same_and_slips_of_the_pen_are_near() -> None:
    words = Words.of(["the pointers are copied", "a pointer copies"])
    found = dict(zip(OVERLAPS, words.overlaps("", "pointers", "the poinjter"), strict=True))

    assert stems("Pointers <br> copied") == stems("pointer copies")
    assert found["words_of_key"] == 0 and found["near_key"] > 0.2


def test_words_of_the_question_do_not_count_as_new() -> None:
    words = Words.of(["stack memory"])
    found = dict(
        zip(OVERLAPS, words.overlaps("What is a stack?", "stack memory", "stack"), strict=True)
    )

    assert found["words_of_key"] == 0.5 and found["new_weight_of_key"] == 0
