"""The commands about short answers and long texts."""

from pathlib import Path
from typing import Annotated

import typer

from edupulse_core.cli.terminal import AsJson, Out, check_ending, emit, table, writing
from edupulse_core.errors import InputError
from edupulse_core.files import text_in
from edupulse_core.people.actor import OPERATOR

SHOWN = 60  # letters of an answer


def grade(
    graded: Annotated[
        Path, typer.Argument(help="A CSV file with question, key, answer and score.")
    ],
    answers: Annotated[Path, typer.Argument(help="A CSV file with question, key and answer.")],
    points: Annotated[
        float | None,
        typer.Option(help="The most points; by default the highest score in GRADED."),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Propose points for short answers, from answers that were graded; a teacher confirms each."""
    from edupulse_core.actions import grading

    check_ending(out)
    found = grading.grade(OPERATOR, graded, answers, points)
    if out is not None:
        with writing(out):
            grading.write_proposals(OPERATOR, found, out)
    if as_json:
        emit(found.as_json(), True, "")
        return
    lines = found.lines()
    table(
        f"Proposed, of {found.points:g} points",
        ("Row", "Proposed", "Range", "Read with care", "Answer"),
        [
            (
                line["row"],
                f"{line['proposed']:g}",
                f"{line['low']:g} to {line['high']:g}",
                "yes" if line["must_be_read"] else "",
                line["answer"][:SHOWN],
            )
            for line in lines
        ],
    )
    print(f"Learned from {found.n_learned:,} graded answers. A teacher confirms every score.")
    if out is not None:
        print(f"Wrote {len(lines):,} proposals to {out}")


def summarize(
    file: Annotated[Path, typer.Argument(help="A text file.")],
    sentences: Annotated[int, typer.Option(min=1, help="How many sentences, at most.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Shorten a text to its most central sentences, word for word."""
    from edupulse_core.training.summaries import summarize as shorten

    found = shorten(text_in(file), sentences)
    if not found:
        raise InputError(f"{file} has no sentence with words")
    if as_json:
        emit({"sentences": [vars(each) for each in found]}, True, "")
        return
    for each in found:
        print(" ".join(each.sentence.split()))
