"""The words and the sentences of a text, and where each sentence stands in it."""

import re

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_END = re.compile(  # Chinese and Japanese put no blank after a sentence
    r"(?<=[.!?])[\"'”’)]*(?=\s)|(?<=[。！？])(?![。！？])[\"'”’)」』》）]*|\n+"
)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without digits."""
    return [word.lower() for word in WORD.findall(text)]


def spans_of(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, blanks aside; a line that ends also ends a sentence."""
    ends = [*(found.end() for found in _END.finditer(text)), len(text)]
    found = []
    for start, end in zip([0, *ends], ends, strict=False):
        part = text[start:end]
        begins = start + len(part) - len(part.lstrip())
        if WORD.search(part):
            found.append((begins, begins + len(part.strip())))
    return found


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, word for word."""
    return [text[start:end] for start, end in spans_of(text)]
