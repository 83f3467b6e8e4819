"""Published dropout flags beside ours at the same specificity: context, not the same students."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.benchmarks.outcomes import files

CHOSEN = {
    "Chicago on-track (Allensworth & Easton 2007)": ("Allensworth", "on track indicator"),
    "attendance at most 80 % (Balfanz et al. 2007)": ("Balfanz", "Attended less than or equal"),
    "growth mixture of mathematics scores (Muthen 2004), best": ("Muthen", "growth mixture"),
}


def read(folder: Path) -> dict[str, tuple[float, float]]:
    """Sensitivity and specificity of the flags that are quoted most, and of the best one."""
    table = files.read(
        folder / "bowersEWS.csv",
        {
            **dict.fromkeys(("study", "dropout_indicator"), files.TEXT),
            **dict.fromkeys(("sensitivity", "specificity"), files.SHARE),
        },
    )
    found = {name: _matching(table, key) for name, key in CHOSEN.items()}
    return {name: _figures(rows.iloc[0]) for name, rows in found.items() if len(rows)}


def _matching(table: pd.DataFrame, key: tuple[str, str]) -> pd.DataFrame:
    study, words = key
    named = table["study"].str.contains(study) & table["dropout_indicator"].str.contains(words)
    return table[named]


def _figures(row: "pd.Series[Any]") -> tuple[float, float]:
    return float(row["sensitivity"]), float(row["specificity"])


def sensitivity_at(
    score: NDArray[np.float64], positive: NDArray[np.bool_], specificity: float
) -> float:
    """The share of positives above the threshold that keeps this specificity."""
    threshold = np.quantile(score[~positive], specificity, method="higher")
    return float((score[positive] > threshold).mean())


def of_flag(flagged: NDArray[np.bool_], positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Sensitivity and specificity of a yes or no."""
    return float(flagged[positive].mean()), float((~flagged[~positive]).mean())
