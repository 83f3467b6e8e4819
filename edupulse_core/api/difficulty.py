"""How hard a text is, by HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field

from edupulse_core.actions.difficulty import level_of
from edupulse_core.api.caller import V1, Home, Reader, Text, bearer
from edupulse_core.api.problems import documented

router = APIRouter(prefix=V1, tags=["difficulty"], dependencies=[bearer])


def _in_words(text: str) -> str:
    if not any(letter.isalpha() for letter in text):
        raise ValueError("must hold words")
    return text


class TextQuestion(BaseModel):
    """A text."""

    text: Annotated[Text, AfterValidator(_in_words)] = Field(min_length=1, max_length=500_000)
    metadata: dict[str, Any] = Field(
        default_factory=dict, description="Accepted; the measures are taken from the text itself."
    )


class TextLevel(BaseModel):
    """How hard a text is."""

    difficulty: int = Field(ge=1, le=5, description="The likeliest level, 1 the easiest.")
    probabilities: dict[str, float] = Field(description="Of each level, 1 to 5.")
    low: int = Field(description="Nine in ten texts like this lie between low and high.")
    high: int
    mean: float = Field(description="The mean level, within low to high.")
    note: str = Field(description="Why not to rely on it: too short, or new words; or empty.")
    familiar: float = Field(description="1: its words are as known as usual; 0: none is known.")
    measures: dict[str, float] = Field(description="The text in numbers.")
    model_version: str


@router.post("/difficulty", responses=documented(404))
def difficulty(asked: TextQuestion, home: Home, who: Reader) -> TextLevel:
    """How hard a text is to read, on the district's scale from 1 to 5."""
    return TextLevel(**level_of(who, home, asked.text).as_json())
