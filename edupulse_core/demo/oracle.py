"""The files of `truth/`: what was planted in the data, and how likely each outcome was."""

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from edupulse_core.demo import roster, truth
from edupulse_core.demo.bundle import TRUTH, Folder, look_up
from edupulse_core.demo.episodes import NAMES
from edupulse_core.demo.rollout import Group, Happened

_RISK_FILE = "risk.parquet"
FILES = (*(f"{name}.csv" for name in TRUTH), _RISK_FILE)
_RISK = pa.schema(
    [
        ("student_id", pa.string()),
        ("week_start", pa.date32()),
        ("severity", pa.float32()),
        ("p_any", pa.float32()),
        ("p_high", pa.float32()),
    ]
)


class Oracle:
    """Collects the truth of every group into the files of `truth/`."""

    def __init__(self, path: Path, n_futures: int, every: int) -> None:
        self._folder = Folder(path, TRUTH)
        self._risk = parquet.ParquetWriter(path / _RISK_FILE, _RISK)
        self._n_futures, self._every = n_futures, every
        modalities, groups, features = map(list, zip(*truth.FEATURES, strict=True))
        self._folder["feature_groups"].write(
            len(features),
            {"modality": modalities, "feature_group": groups, "feature": features},
        )

    def note(self, group: Group, happened: Happened, first: int, *, is_last: bool) -> None:
        """Write what affected whom this week and, in judged weeks, what was likely to follow."""
        monday = pa.scalar(happened.plan.year.mondays[happened.week], pa.date32())
        for found in truth.causes(happened):
            n = len(found.rows)
            self._folder["causes"].write(
                n,
                {
                    "student_id": roster.student_ids(first + found.rows),
                    "week_start": pa.repeat(monday, n),
                    "modality": look_up([name for name, _ in truth.GROUPS], found.group),
                    "feature_group": look_up([name for _, name in truth.GROUPS], found.group),
                    "cause": look_up(NAMES, found.cause),
                    "strength": found.strength,
                },
            )
        if truth.is_evaluated(happened, self._every, is_last=is_last):
            risk = truth.foresee(group, happened, self._n_futures)
            columns = [
                roster.student_ids(first + risk.rows),
                pa.repeat(monday, len(risk.rows)),
                *(pa.array(value) for value in (risk.severity, risk.p_any, risk.p_high)),
            ]
            self._risk.write_table(pa.table(columns, schema=_RISK))

    def close(self) -> None:
        """Finish every file."""
        self._folder.close()
        self._risk.close()
