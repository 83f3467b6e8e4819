"""A long text in its three most central sentences, word for word; nothing of it is kept."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from edupulse_core.training import summaries
from edupulse_core.training.summaries import Source

LONGEST = 100_000  # letters


def show() -> None:
    """Ask for a text; show its central sentences, and where they stand in it."""
    st.caption(
        "Paste a student's long text. You get its three most central sentences, word for word: "
        "nothing is rewritten or made up. EduPulse doesn't keep the text."
    )
    text = st.text_area(
        f"Text (up to {LONGEST:,} letters)", key="long_text", height=220, max_chars=LONGEST
    )
    is_asked = st.button("Shorten", type="primary")
    if not text.strip():
        if is_asked:
            st.warning("Paste a text first.")
        return
    found, spans = summaries.summarize(text), summaries.whole_spans(text)
    if not found:
        st.info("There are no sentences with words in this text.")
        return
    if len(spans) <= len(found):
        st.info("This text is already as short as a summary would be.")
        return
    numbers = {start: at for at, (start, _) in enumerate(spans, 1)}
    st.header("Ready for notes", anchor=False)
    st.code(notes(found, numbers, len(spans)), language=None, wrap_lines=True)
    st.header("Where they stand in the text", anchor=False)
    st.html(marked(text, found, numbers))


def notes(found: Sequence[Source], numbers: dict[int, int], total: int) -> str:
    """The summary as text to copy, with the number of each sentence in the text."""
    lines = [f"“{tidy(one.sentence)}” (sentence {numbers[one.start]})" for one in found]
    head = f"From the student's text, word for word: {len(found)} of {total} sentences."
    return "\n".join([head, *lines])


def tidy(sentence: str) -> str:
    """A sentence on one line."""
    return " ".join(sentence.split())


def marked(text: str, found: Sequence[Source], numbers: dict[int, int]) -> str:
    """The whole text as HTML, with the chosen sentences marked and numbered."""
    parts, at = [], 0
    for one in found:
        parts.append(escape(text[at : one.start]))
        number = f'<sup aria-label="sentence {numbers[one.start]}">{numbers[one.start]}</sup>'
        parts.append(f"<mark>{escape(one.sentence)}</mark>{number}")
        at = one.end
    return f'<div class="quoted">{"".join(parts)}{escape(text[at:])}</div>'
