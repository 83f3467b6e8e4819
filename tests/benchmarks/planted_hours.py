"""The fictional district's study sessions, with the hours that each would take without noise."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from numpy.typing import NDArray

from edupulse_core import demo, sql
from edupulse_core.families.study_time.examples import StudyExamples, read

COLUMNS = {  # of a file, in the order of the warehouse's table
    "skills": "sourcedId, title, subject, gradeLevel, "
    "string_split(prerequisiteSourcedIds, ','), difficulty, base_hours, content_type",
    "learners": "studentSourcedId, age, education_level, learning_style, avg_focus_duration",
    "study_sessions": "sourcedId, studentSourcedId, skillSourcedId, startedAt, hours, "
    "study_method, environment, energy_level, distraction_level, breaks_taken",
}
TRUE = """
select expected_hours * exp(-log_noise ** 2 / 2) as median_hours
from study_sessions
join truth using (session_id)
order by student_id, started_at, session_id
"""


def district(students: int, seed: int) -> tuple[StudyExamples, NDArray[np.float64]]:
    """A district's sessions, and the median hours that each was planted with."""
    with TemporaryDirectory() as folder, duckdb.connect() as con:
        place = Path(folder) / "demo"
        demo.write(place, students=students, seed=seed, futures=1, every=1000)
        sql.run(con, "warehouse/sql/schema")
        for name, columns in COLUMNS.items():
            path = str(place / f"{name}.csv")
            con.execute(f"insert into {name} select {columns} from read_csv($path)", {"path": path})
        path = str(place / "truth" / "hours.csv")
        con.execute("create table truth as select * from read_csv($path)", {"path": path})
        truth = con.execute(TRUE).fetchnumpy()["median_hours"]
        return read(con), np.asarray(truth, float)
