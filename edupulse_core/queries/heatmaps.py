"""What the model looked at and what moved a score, for the pictures and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from edupulse_core.families.risk.agreement import Agreement
from edupulse_core.features import built

FEW = 8  # features in the picture that everyone sees
PALE = 0.05  # of the largest attribution: what is paler is hardly seen


@dataclass(frozen=True)
class Heatmaps:
    """Attention and attributions over the student's known weeks."""

    weeks: list[str]  # Mondays, oldest first
    attention: list[list[float]] | None  # (T, T), mean of the heads: each row sums to 1; None for
    # a model without attention
    attributions: dict[str, list[float]]  # feature → (T,), in the score's logit
    agreement: Agreement  # whether the ways to take the score apart tell the same
    algorithm: str  # of the version that made the score

    @property
    def most(self) -> float:
        """The largest attribution, up or down: one scale for all kinds of record."""
        return max(abs(value) for row in self.attributions.values() for value in row) or 1e-9

    def strongest(self) -> list[str]:
        """The features that moved the score most, the strongest first, FEW of them at most."""
        far = {name: max(map(abs, row)) for name, row in self.attributions.items()}
        moved = [name for name in far if far[name] >= PALE * self.most]
        return sorted(moved, key=far.__getitem__, reverse=True)[:FEW]

    def of_kind(self, kind: str) -> list[str]:
        """The features of one kind of record: att, grd or dsc."""
        return [name for name in self.attributions if name.startswith(kind)]

    def of(self, names: Sequence[str]) -> tuple[list[str], list[list[float]]]:
        """Labels and values of some features."""
        return [built.named(name).label for name in names], [
            self.attributions[name] for name in names
        ]

    def table(self, names: Sequence[str]) -> pa.Table:
        """The same values as a table, with a row for each feature and a column for each week."""
        labels, values = self.of(names)
        columns = {week: [round(row[t], 4) for row in values] for t, week in enumerate(self.weeks)}
        return pa.table({"Number": labels, **columns})

    def attention_table(self) -> pa.Table:
        """The weights as a table: a row for each week, a column for each week that it looked at."""
        rows = self.attention or []
        columns = {week: [round(row[t], 4) for row in rows] for t, week in enumerate(self.weeks)}
        return pa.table({"From week of": self.weeks, **columns})
