"""Texts of resources and items: plain at level 1, with longer words and sentences above it."""

from collections.abc import Sequence

import numpy as np

_SENTENCES = (
    (
        "This is all about {a}.",
        "You can find {a} at home or at school.",
        "Look at {a} and then at {b}.",
        "Can you draw {b}?",
        "{A} and {b} go well together.",
        "Say it out loud and try it again.",
        "Tell a friend what you see.",
        "It is fun to work with {a}.",
        "Now it is your turn.",
        "Do you know {c}?",
        "We use {c} a lot.",
        "Find one more and show it to the class.",
    ),
    (
        "When you learn about {a}, begin with what you know about {b}.",
        "Try three small examples and check each answer with a partner.",
        "Many people mix up {a} and {b}, so read slowly.",
        "Write down one question that you have about {c}.",
        "A picture of {b} can help you remember the steps.",
        "Next, look back at {a} and find what changed.",
        "Good readers stop and think about {c} before they go on.",
        "You will need paper, a pencil and ten quiet minutes.",
        "After the first part, explain {a} in your own words.",
        "If you get stuck on {b}, take one step back.",
    ),
    (
        "Most students find {a} easier once they can explain {b}.",
        "Compare the two examples and decide which one shows {c} more clearly.",
        "In most of these problems, a small change in {b} has an effect on {a}.",
        "Pay attention to the difference between {b} and {c}, which often causes mistakes.",
        "The diagram moves from simple cases of {a} to harder problems.",
        "Use the table to organize what you know about {c} before you continue.",
        "In several everyday situations, such as shopping or travel, people use {a}.",
        "Summarize each section in a sentence, and connect it to {b}.",
        "The final activity asks you to predict the effect of changing {c}.",
    ),
    (
        "Although {a} may appear straightforward, careful analysis of {b} reveals hidden "
        "assumptions.",
        "Evaluate whether the available evidence about {c} supports the conclusion, and identify "
        "what remains uncertain.",
        "The relationship between {a} and {b} becomes significant whenever conditions vary "
        "considerably.",
        "Researchers initially interpreted {c} differently, which illustrates how methods "
        "influence conclusions.",
        "Construct an explanation that integrates {a} with previous observations concerning {b}.",
        "Consider alternative approaches to {c}, and justify the procedure that you select.",
        "In contrast to elementary examples, realistic applications of {a} require several "
        "simultaneous decisions.",
        "Distinguish carefully between necessary and sufficient conditions when discussing {b}.",
    ),
    (
        "A rigorous treatment of {a} presupposes familiarity with {b}, since subtle "
        "inconsistencies in {c} would otherwise undermine the generalization.",
        "Contemporary scholarship characterizes {b} as fundamentally contingent, notwithstanding "
        "the apparent universality that introductory accounts of {a} attribute to it.",
        "Formulate a hypothesis concerning {c}, delineate its theoretical implications, and "
        "critique the methodological limitations of existing investigations.",
        "The conceptual framework underlying {a} accommodates considerable heterogeneity, provided "
        "that the constraints governing {b} are articulated explicitly.",
        "Whereas conventional interpretations privilege {b}, more sophisticated analyses "
        "demonstrate a reciprocal dependence between {a} and {c}.",
        "Synthesizing these perspectives necessitates an appreciation of {c} that transcends "
        "procedural competence.",
        "Empirical corroboration of {a} remains provisional, because confounding influences on "
        "{b} are notoriously difficult to isolate.",
    ),
)
_QUESTIONS = (
    ("Which of these shows {a}?", "Find {b} in the picture.", "What do we mean by {a}?"),
    ("Give one example of {a}.", "How are {a} and {b} alike?", "What comes after {b}?"),
    (
        "Explain how {a} and {b} are connected.",
        "Use {c} to solve the problem, and show your steps.",
        "What would change without {b}?",
    ),
    (
        "Analyze the example and identify where {a} and {b} disagree.",
        "Evaluate the following claim about {c}, and support your evaluation with evidence.",
    ),
    (
        "Justify, with a counterexample, why {a} need not imply {b}.",
        "Formulate a generalization about {c} and delineate the conditions under which it fails.",
    ),
)
_TITLES = {
    "reading": "{title}: read about it",
    "practice": "{title}: practice set",
    "video": "{title}: a video lesson",
    "project": "{title}: a project",
    "other": "{title}: listen and play",
}


def title(kind: str, skill: str) -> str:
    """What a resource of a kind about a skill is called."""
    return _TITLES[kind].format(title=skill)


def text(level: int, about: Sequence[str], rng: np.random.Generator) -> str:
    """A text of about one level, 1 to 5: half of its sentences come from the levels beside it."""
    own = _near(level, rng, spread=0.1)
    levels = [_near(own, rng, spread=0.27) - 1 for _ in range(int(rng.integers(5, 11)))]
    left = {at: list(rng.permutation(len(_SENTENCES[at]))) for at in set(levels)}
    chosen = []
    for at in levels:
        if left[at]:  # no sentence twice
            chosen.append(_filled(_SENTENCES[at][left[at].pop()], about, rng))
    return " ".join(chosen)


def question(level: int, about: Sequence[str], rng: np.random.Generator) -> str:
    """The text of an item of a level, 1 to 5, which is not always worded as its level is."""
    choices = _QUESTIONS[_near(level, rng, spread=0.15) - 1]
    return _filled(choices[rng.integers(len(choices))], about, rng)


def _near(level: int, rng: np.random.Generator, *, spread: float) -> int:
    """The level, or one beside it; spread: the chance of each side."""
    return int(np.clip(level + rng.choice([-1, 0, 1], p=[spread, 1 - 2 * spread, spread]), 1, 5))


def _filled(pattern: str, about: Sequence[str], rng: np.random.Generator) -> str:
    a, b, c = (about[at] for at in rng.permutation(3))
    return pattern.format(a=a, b=b, c=c, A=a[0].upper() + a[1:])
