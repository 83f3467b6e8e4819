"""Files of real data, read or refused in one sentence."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from edupulse_core.errors import MissingError, SourceError


def read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """A parquet or CSV file with text as plain objects; MissingError or SourceError if it is not.

    columns: those that must be there.
    """
    if not path.is_file():
        raise MissingError(f"bench outcomes needs real data: there is no file {path}")
    try:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise SourceError(f"not a {path.suffix[1:]} file: {error}", file=path.name) from None
    for name in columns:
        if name not in table.columns:
            raise SourceError("there is no such column", file=path.name, column=name)
    for name in table.columns[table.dtypes == "string"]:  # so that comparisons give plain arrays
        table[name] = table[name].astype(object)
    return table
