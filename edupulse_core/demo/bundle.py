"""Write the district's CSV files, one group of schools after another."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

FILES = {
    "manifest": "propertyName value",
    "orgs": "sourcedId status dateLastModified name type identifier parentSourcedId",
    "academicSessions": "sourcedId status dateLastModified title type startDate endDate "
    "parentSourcedId schoolYear",
    "courses": "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades "
    "orgSourcedId subjects subjectCodes",
    "classes": "sourcedId status dateLastModified title grades courseSourcedId classCode classType "
    "location schoolSourcedId termSourcedIds subjects subjectCodes periods",
    "users": "sourcedId status dateLastModified enabledUser orgSourcedIds role username userIds "
    "givenName familyName middleName identifier email sms phone agentSourcedIds grades password",
    "enrollments": "sourcedId status dateLastModified classSourcedId schoolSourcedId userSourcedId "
    "role primary beginDate endDate",
    "demographics": "sourcedId status dateLastModified birthDate sex "
    "americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces "
    "hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus metadata.englishLearner metadata.disability metadata.mealStatus",
    "lineItems": "sourcedId status dateLastModified title description assignDate dueDate "
    "classSourcedId categorySourcedId gradingPeriodSourcedId resultValueMin resultValueMax",
    "results": "sourcedId status dateLastModified lineItemSourcedId studentSourcedId scoreStatus "
    "score scoreDate comment",
    "calendar": "orgSourcedId date isInstructional",
    "attendance": "sourcedId studentSourcedId date status reason classSourcedId minutesMissed",
    "incidents": "sourcedId studentSourcedId date type severity action daysRemoved",
    "withdrawals": "studentSourcedId date reason",
    "caseloads": "counselorSourcedId studentSourcedId",
}
TRUTH = {
    "causes": "student_id week_start modality feature_group cause strength",
    "feature_groups": "modality feature_group feature",
}
Column = Any  # a NumPy or Arrow array, a list, or one value for every row


def numbered(prefix: str, numbers: Any, width: int) -> pa.Array:
    """IDs such as STU00017."""
    text = pc.cast(pa.array(np.asarray(numbers)), pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(text, width, "0"), "")


def look_up(values: Sequence[str] | pa.Array, at: Any) -> pa.Array:
    """The values at some positions; a negative position gives an empty value."""
    at = np.asarray(at, np.int64)
    positions = pa.array(np.where(at < 0, 0, at), mask=at < 0)
    return pc.take(
        values if isinstance(values, pa.Array) else pa.array(values, pa.string()), positions
    )


class Sink:
    """One CSV file, written table by table; columns that are not given stay empty."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path, self._columns = path, tuple(columns)
        self._writer: csv.CSVWriter | None = None

    def write(self, n: int, columns: Mapping[str, Column]) -> None:
        """Append n rows."""
        filled = dict(columns)
        if "dateLastModified" in self._columns:
            filled.setdefault("status", "active")
        table = pa.table(
            [_array(filled.pop(name, None), n) for name in self._columns], names=self._columns
        )
        if filled:
            raise KeyError(f"{self._path.name} has no column {sorted(filled)}")
        if self._writer is None:
            options = csv.WriteOptions(quoting_style="needed")
            self._writer = csv.CSVWriter(self._path, table.schema, write_options=options)
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file; without rows it has only its header."""
        if self._writer is None:
            self.write(0, {})
        if self._writer is not None:
            self._writer.close()


def _array(value: Column, n: int) -> pa.Array:
    if value is None:
        return pa.nulls(n, pa.string())
    if isinstance(value, pa.Array):
        return value
    if isinstance(value, str | int | float | bool):
        return pa.repeat(value, n)
    return pa.array(value, pa.string()) if isinstance(value, list) else pa.array(value)


class Folder:
    """All files of a bundle, or of its truth; they open and close together."""

    def __init__(self, path: Path, files: Mapping[str, str]) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._sinks = {
            name: Sink(path / f"{name}.csv", columns.split()) for name, columns in files.items()
        }

    def __getitem__(self, name: str) -> Sink:
        return self._sinks[name]

    def close(self) -> None:
        """Finish every file."""
        for sink in self._sinks.values():
            sink.close()
