"""The public tables of `edupulse bench admission`, as applications."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edupulse_core.families.admission.examples import INPUTS, PLACE, Applications
from tests.benchmarks import public

Array = NDArray[np.float64]

GRADUATE = {  # column → input
    "GRE Score": "test_score",
    "TOEFL Score": "language_score",
    "University Rating": "program_tier",
    "SOP": "statement",
    "LOR": "letters",
    "CGPA": "gpa",
    "Research": "research",
}
HSLS = {  # no application has these facts of ninth graders: they stand in for as many inputs
    "x1txmtscor": "test_score",
    "x1ses": "language_score",
    "x1stuedexpct": "statement",
    "x1paredexpct": "letters",
    "x1paredu": "extracurriculars",
    "x1famincome": "admit_rate",
}
UNKNOWN_EXPECTATION = 11  # "don't know"


@dataclass(frozen=True)
class Berkeley:
    """Decisions with the department and the sex of each applicant, (N,)."""

    admitted: Array
    department: NDArray[np.str_]
    sex: NDArray[np.str_]


def graduate(data: str) -> Applications:
    """Five hundred applicants' own estimates of their chance of admission: no decisions."""
    rows = _rows(public.place(data, "admission", "Admission_Predict_Ver1.1.csv"))
    return _applications(rows, GRADUATE, [float(row["Chance of Admit"]) for row in rows])


def hsls(data: str) -> Applications:
    """Ninth graders, and whether they attended college later; unknown outcomes left out."""
    rows = _rows(public.place(data, "admission", "hsls_small.csv"))
    known = [row for row in rows if row["x4evratndclg"] in ("0", "1")]
    found = _applications(known, HSLS, [float(row["x4evratndclg"]) for row in known])
    x = np.where(found.x < -4, np.nan, found.x)  # codes for what is missing
    for name in ("statement", "letters"):
        column = x[:, PLACE[name]]
        column[(column >= UNKNOWN_EXPECTATION) | (column < 0)] = np.nan
    return found.taking(x)


def berkeley(data: str) -> Berkeley:
    """The six largest departments of Berkeley in 1973."""
    rows = _rows(public.place(data, "admission", "openintro_ucb_admit.csv"))
    return Berkeley(
        np.array([float(row["admit"] == "admitted") for row in rows]),
        np.array([row["dept"] for row in rows], np.str_),
        np.array([row["gender"] for row in rows], np.str_),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(lines)]


def _applications(
    rows: list[dict[str, str]], columns: dict[str, str], came: list[float]
) -> Applications:
    x = np.full((len(rows), len(INPUTS)), np.nan)
    for column, name in columns.items():
        x[:, PLACE[name]] = [float(row[column] or "nan") for row in rows]
    return of_numbers(x, np.array(came))


def of_numbers(x: Array, admitted: Array) -> Applications:
    """Applications of as many students, all on one day."""
    count = len(x)
    return Applications(
        who=np.array([f"{at:06}" for at in range(count)], np.str_),
        day=np.full(count, np.datetime64("2020-01-01")),
        program=np.full(count, "", np.str_),
        x=x,
        admitted=admitted,
    )
