"""Times of answers of real students (ASSISTments), read as study sessions of a few seconds."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edupulse_core.errors import MissingError
from edupulse_core.families.study_time.examples import (
    NUMBERS,
    WORDS,
    Sessions,
    StudyExamples,
    of_sessions,
)

PLACE, FILE = "study_time", "assistments_response_times.csv"
IDLE = 600  # seconds; a longer answer is a tab that was left open
SECONDS = 3600.0
WORD_OF = {  # what is known of a question before it is answered
    "subject": "skill_name",
    "content_type": "answer_type",
    "study_method": "tutor_mode",
    "environment": "template_id",
}
NUMBER_OF = {"prerequisites": "opportunity", "breaks_taken": "position"}


def read(folder: Path) -> StudyExamples:
    """Every answer of a student as a case, idle ones left out. MissingError without the file.

    folder: where the file is, or the folder above it.
    """
    path = next((each for each in (folder / PLACE / FILE, folder / FILE) if each.is_file()), folder)
    if not path.is_file():
        raise MissingError(
            f"there is no {FILE} in {folder}: bring it, or name its folder by --data"
        )
    table = pd.read_csv(path).sort_values(["user_id", "order_id"], kind="stable")
    table = table[table["ms_first_response"].between(1, IDLE * 1000)]
    student = table["user_id"].astype(str).to_numpy(dtype=np.str_)
    hours = table["ms_first_response"].to_numpy(float) / 1000 / SECONDS
    numbers = np.full((len(table), len(NUMBERS)), np.nan)
    for name, column in NUMBER_OF.items():
        numbers[:, NUMBERS.index(name)] = np.log1p(table[column].fillna(1).to_numpy(float))
    words = np.full((len(table), len(WORDS)), "", "<U64")
    for name, column in WORD_OF.items():
        words[:, WORDS.index(name)] = table[column].fillna("").astype(str).to_numpy()
    sessions = Sessions(
        student=student,
        skill=table["problem_id"].astype(str).to_numpy(dtype=np.str_),
        started=_started(student, hours),
        hours=hours,
        numbers=numbers,
        words=words,
    )
    return of_sessions(sessions)


def _started(student: NDArray[np.str_], hours: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """One answer after the other: the file gives their order, but no times of day."""
    seconds = np.ceil(hours * SECONDS).astype(int) + 1
    total = np.cumsum(seconds) - seconds
    first = np.concatenate([[True], student[1:] != student[:-1]])
    total = total - np.maximum.accumulate(np.where(first, total, 0))
    return np.datetime64("2010-01-04T08:00:00") + total.astype("timedelta64[s]")
