"""What turns the texts into vectors: learned from them, or pretrained where it is installed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from edupulse_core.errors import MissingError
from edupulse_core.training.texts import Encoder, Texts, sentence_encoder

Kind = Literal["own", "sentences"]  # of the district's own texts, or a pretrained one
NOT_INSTALLED = (
    "the sentence encoder is not installed: `pip install edupulse[sentences]`, or train with "
    "encoder=own"
)


def learned(kind: Kind, texts: Sequence[str], width: int, seed: int) -> Encoder:
    """An encoder for some texts.  width: of an own one; a pretrained one has its own."""
    return pretrained() if kind == "sentences" else Texts.fit(texts, width, seed=seed)


def pretrained() -> Encoder:
    """The sentence encoder. Raises MissingError if it is not installed."""
    found = sentence_encoder()
    if found is None:
        raise MissingError(NOT_INSTALLED)
    return found


def save(encoder: Encoder, folder: Path) -> Kind:
    """Write what `opened` reads, and say of which kind it is; a pretrained one is not written."""
    if not isinstance(encoder, Texts):
        return "sentences"
    encoder.save(folder)
    return "own"


def opened(kind: str, folder: Path) -> Encoder:
    """An encoder that was saved. Raises MissingError or ModelError if it is not there."""
    return Texts.open(folder) if kind == "own" else pretrained()
