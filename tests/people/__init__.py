"""The named cast: two schools, a few students, and one of everyone who looks after them.

North: Ana and Ben take Algebra 1 (period 3) with Tom North; Ana, Ben and Cy English 9 with Una.
South: Dee takes Biology with Tina South; Eli came over from North's Algebra in October.
Fay left school in the last week; Gus left in September. Data end on Sunday, 2026-11-15.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from edupulse_core import sql
from edupulse_core.config import Grant, Settings, load_settings
from edupulse_core.people import access, sessions
from edupulse_core.people.access import Viewer
from edupulse_core.people.actor import person
from edupulse_core.warehouse import snapshots

AS_OF = date(2026, 11, 15)
IMPORT_DAY = date(2026, 11, 16)
STUDENTS = ("ana", "ben", "cy", "dee", "eli", "fay", "gus")

teacher_north = Viewer("tom", "Tom North", frozenset({"teacher"}), (), "tom@north.example")
teacher_english = Viewer("una", "Una Page", frozenset({"teacher"}), (), "una@north.example")
teacher_south = Viewer("tina", "Tina South", frozenset({"teacher"}), (), "tina@south.example")
counselor = Viewer("cora", "Cora Cole", frozenset({"counselor"}), (), "cora@north.example")
principal_north = Viewer(
    "paul", "Paul Prince", frozenset({"principal"}), ("north",), "paul@north.example"
)
district_lead = Viewer("dora", "Dora Drake", frozenset({"district"}), (), "dora@district.example")
steward = Viewer("stan", "Stan Steward", frozenset({"steward"}), (), "stan@district.example")

GRANTS = (
    Grant(user="cora@north.example", role="counselor"),
    Grant(user="paul@north.example", role="principal", schools=("north",)),
    Grant(user="dora@district.example", role="district"),
    Grant(user="stan@district.example", role="steward"),
)

_CAST = """
insert into orgs values
    ('district', 'Two Schools', 'district', null),
    ('north', 'North Middle School', 'school', 'district'),
    ('south', 'South High School', 'school', 'district');
insert into users (user_id, given_name, family_name, username, email, grade) values
    ('ana', 'Ana', 'Alvarez', 'ana', 'ana@pupils.example', '8'),
    ('ben', 'Ben', 'Baker', 'ben', 'ben@pupils.example', '8'),
    ('cy', 'Cy', 'Cho', 'cy', '', '8'),
    ('dee', 'Dee', 'Diaz', 'dee', null, '9'),
    ('eli', 'Eli', 'Evans', 'eli', null, '9'),
    ('fay', 'Fay', 'Fox', 'fay', null, '8'),
    ('gus', 'Gus', 'Gray', 'gus', null, '8'),
    ('tom', 'Tom', 'North', 'tnorth', 'Tom@North.example', null),
    ('una', 'Una', 'Page', 'upage', 'una@north.example', null),
    ('tina', 'Tina', 'South', 'tina@south.example', '', null),
    ('cora', 'Cora', 'Cole', 'ccole', 'cora@north.example', null),
    ('paul', 'Paul', 'Prince', 'pprince', 'paul@north.example', null),
    ('dora', 'Dora', 'Drake', 'ddrake', 'dora@district.example', null),
    ('stan', 'Stan', 'Steward', 'ssteward', 'stan@district.example', null);
insert into user_roles values
    ('ana', 'student', 'north'), ('ben', 'student', 'north'), ('cy', 'student', 'north'),
    ('dee', 'student', 'south'), ('eli', 'student', 'south'), ('fay', 'student', 'north'),
    ('gus', 'student', 'north'), ('tom', 'teacher', 'north'), ('una', 'teacher', 'north'),
    ('tina', 'teacher', 'south'), ('cora', 'counselor', 'north'), ('paul', 'principal', 'north'),
    ('dora', 'districtAdministrator', 'district'), ('stan', 'systemAdministrator', 'district');
insert into courses values
    ('algebra', 'Algebra 1', 'north', 'math'), ('english', 'English 9', 'north', 'english'),
    ('biology', 'Biology', 'south', 'science');
insert into classes (class_id, title, course_id, school_id, term_ids, periods) values
    ('algebra-3', 'Alg 3', 'algebra', 'north', ['fall'], '3'),
    ('english-1', 'Eng 1', 'english', 'north', ['fall'], ''),
    ('biology-2', 'Bio 2', 'biology', 'south', ['fall'], null);
insert into enrollment_spans values
    ('tom', 'teacher', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-12-19'),
    ('una', 'teacher', 'english-1', 'north', 'english', '2026-08-17', '2026-12-19'),
    ('tina', 'teacher', 'biology-2', 'south', 'biology', '2026-08-17', '2026-12-19'),
    ('ana', 'student', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-12-19'),
    ('ana', 'student', 'english-1', 'north', 'english', '2026-08-17', '2026-12-19'),
    ('ben', 'student', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-12-19'),
    ('ben', 'student', 'english-1', 'north', 'english', '2026-08-17', '2026-12-19'),
    ('cy', 'student', 'english-1', 'north', 'english', '2026-08-17', '2026-12-19'),
    ('dee', 'student', 'biology-2', 'south', 'biology', '2026-08-17', '2026-12-19'),
    ('eli', 'student', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-10-12'),
    ('eli', 'student', 'biology-2', 'south', 'biology', '2026-10-12', '2026-12-19'),
    ('fay', 'student', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-11-12'),
    ('gus', 'student', 'algebra-3', 'north', 'algebra', '2026-08-17', '2026-09-21');
insert into caseloads values ('cora', 'ana'), ('cora', 'dee');
"""
_IMPORTED = """
insert into imports values
    (1, '2026-11-16', '2026-11-16', 'bundle', 'f', $is_demo, 'Two Schools', false, 7, 13);
"""


def district(path: Path | None = None, *, is_demo: bool = False) -> duckdb.DuckDBPyConnection:
    """The whole cast in a warehouse, in memory unless there is a path."""
    con = duckdb.connect(str(path or ":memory:"))
    sql.run(con, "warehouse/sql/schema")
    con.execute(_CAST)
    con.execute(_IMPORTED, {"is_demo": is_demo})
    access.install(con)
    return con


def home(folder: Path, *, is_demo: bool = False, grants: tuple[Grant, ...] = GRANTS) -> Settings:
    """A home in which the cast was just imported."""
    settings = load_settings(home=folder, grants=grants)
    publish(settings, "20261116T060000000000-cast", is_demo=is_demo)
    return settings


def signed_in(settings: Settings, viewer: Viewer, session: str = "a session") -> Viewer:
    """The viewer in a session that has just begun."""
    sessions.begin(settings, session, person(viewer))
    return replace(viewer, session=session)


def publish(settings: Settings, version: str, *, is_demo: bool = False) -> None:
    """Make the cast the home's warehouse under this version."""
    with snapshots.importing(settings) as work:
        district(work / "cast.duckdb", is_demo=is_demo).close()
        snapshots.publish(settings, work / "cast.duckdb", version)


def week_before(day: date, weeks: int = 1) -> date:
    """The same weekday, some weeks earlier."""
    return day - timedelta(weeks=weeks)
