"""Bundles written by hand from the contract: a small school, to change and to write to disk."""

import csv
import gzip
import zipfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Files = dict[str, list[Row]]

FIRST_DAY = date(2025, 9, 1)  # a Monday
LAST_DAY = date(2026, 6, 12)  # the session's end: the first day after it
IMPORT_DAY = date(2026, 3, 1)  # a Sunday


def weekdays(start: date, end: date) -> list[date]:
    """Monday to Friday in [start, end)."""
    days = (start + timedelta(days=n) for n in range((end - start).days))
    return [day for day in days if day.isoweekday() <= 5]


def small(version: str = "1.1") -> Files:
    """North Middle, two classes, its teacher Tess, its students Ana and Ben."""
    files: Files = {
        "orgs": [
            {"sourcedId": "d", "name": "District", "type": "district"},
            {"sourcedId": "north", "name": "North", "type": "school", "parentSourcedId": "d"},
        ],
        "academicSessions": [session("y26", FIRST_DAY, LAST_DAY, 2026)],
        "courses": [
            {"sourcedId": "math", "title": "Math 7", "subjects": "Mathematics"},
            {"sourcedId": "art", "title": "Art", "subjects": ""},
        ],
        "classes": [section("math-1", "math"), section("art-1", "art")],
        "users": [
            user("ana", "Ana", "student", version),
            user("ben", "Ben", "student", version),
            user("tess", "Tess", "teacher", version),
        ],
        "enrollments": [
            enrollment("ana", "math-1"),
            enrollment("ana", "art-1"),
            enrollment("ben", "math-1"),
            enrollment("tess", "math-1", role="teacher"),
        ],
        "calendar": [
            {"orgSourcedId": "north", "date": day, "isInstructional": "true"}
            for day in weekdays(FIRST_DAY, LAST_DAY)
        ],
        "lineItems": [line_item("quiz", date(2025, 9, 12))],
        "results": [result("quiz", "ana", "8", date(2025, 9, 12))],
        "attendance": [absence("ana", date(2025, 9, 3)), absence("ben", date(2025, 9, 4))],
        "incidents": [incident("i1", "ben", date(2025, 9, 10))],
        "withdrawals": [],
        "caseloads": [],
    }
    if version == "1.2":
        files["roles"] = [
            {
                "sourcedId": f"role-{name}",
                "userSourcedId": name,
                "roleType": "primary",
                "role": role,
                "orgSourcedId": "north",
            }
            for name, role in (("ana", "student"), ("ben", "student"), ("tess", "teacher"))
        ]
    return files


def learning() -> Files:
    """Learning records of the small school's students: two skills, an item, a resource."""
    moment = "2026-01-05T10:00"
    return {
        "skills": [
            {
                "sourcedId": "count",
                "title": "Counting",
                "subject": "math",
                "gradeLevel": "03",
                "prerequisiteSourcedIds": "",
                "difficulty": "2",
                "base_hours": "3",
                "content_type": "practice",
            },
            {
                "sourcedId": "fractions",
                "title": "Fractions",
                "subject": "math",
                "gradeLevel": "04",
                "prerequisiteSourcedIds": "count",
                "difficulty": "3.5",
                "base_hours": "4",
                "content_type": "reading",
            },
        ],
        "items": [
            {
                "sourcedId": "q1",
                "skillSourcedIds": "fractions, count",
                "title": "Pies",
                "text": "What is ½ + ¼?",
                "difficulty": "2",
            }
        ],
        "interactions": [
            {
                "studentSourcedId": "ana",
                "itemSourcedId": "q1",
                "answeredAt": moment,
                "correct": "1",
                "seconds": "20.5",
                "attempt": "1",
                "hints": "0",
            },
            {
                "studentSourcedId": "ben",
                "itemSourcedId": "q1",
                "answeredAt": moment,
                "correct": "0",
            },
        ],
        "resources": [
            {
                "sourcedId": "r1",
                "title": "Pies",
                "kind": "video",
                "skillSourcedIds": "fractions",
                "text": "Cut a pie.",
                "difficulty": "2",
                "minutes": "6",
                "url": "https://r.example/1",
            }
        ],
        "ratings": [
            {
                "studentSourcedId": "ana",
                "resourceSourcedId": "r1",
                "usedAt": moment,
                "rating": "5",
                "minutes": "6",
                "completed": "1",
            }
        ],
        "study_sessions": [
            {
                "sourcedId": "s1",
                "studentSourcedId": "ana",
                "skillSourcedId": "fractions",
                "startedAt": moment,
                "hours": "1.5",
                "study_method": "reading",
                "environment": "home",
                "energy_level": "3",
                "distraction_level": "2",
                "breaks_taken": "1",
            }
        ],
        "learners": [
            {
                "studentSourcedId": "ana",
                "age": "12",
                "education_level": "middle school",
                "learning_style": "visual",
                "avg_focus_duration": "25",
            }
        ],
        "programs": [
            {
                "sourcedId": "p1",
                "title": "Mathematics",
                "institution": "State College",
                "tier": "2",
                "min_gpa": "3",
                "admit_rate": ".4",
            }
        ],
        "applications": [
            {
                "sourcedId": "a1",
                "studentSourcedId": "ana",
                "programSourcedId": "p1",
                "appliedOn": "2026-01-10",
                "outcome": "admitted",
                "gpa": "3.7",
                "test_score": "1300",
                "language_score": "100",
                "statement": "4",
                "letters": "4.5",
                "research": "1",
                "extracurriculars": "3",
                "rank_in_class": "12",
            }
        ],
    }


def session(name: str, start: date, end: date, year: int, kind: str = "schoolYear") -> Row:
    return {
        "sourcedId": name,
        "title": name,
        "type": kind,
        "startDate": start,
        "endDate": end,
        "schoolYear": year,
    }


def section(name: str, course: str, school: str = "north", terms: str = "y26") -> Row:
    return {
        "sourcedId": name,
        "title": name,
        "courseSourcedId": course,
        "schoolSourcedId": school,
        "termSourcedIds": terms,
    }


def user(name: str, given: str, role: str, version: str = "1.1") -> Row:
    row = {
        "sourcedId": name,
        "givenName": given,
        "familyName": "Moe",
        "username": name,
        "email": f"{name}@school.example",
        "grades": "07" if role == "student" else "",
    }
    return row if version == "1.2" else {**row, "role": role, "orgSourcedIds": "north"}


def enrollment(
    student: str,
    section: str,
    start: date | str = "",
    end: date | str = "",
    *,
    role: str = "student",
    school: str = "north",
) -> Row:
    return {
        "sourcedId": f"{student}-{section}-{start}",
        "classSourcedId": section,
        "schoolSourcedId": school,
        "userSourcedId": student,
        "role": role,
        "beginDate": start,
        "endDate": end,
    }


def line_item(
    name: str, due: date, section: str = "math-1", low: str = "0", high: str = "10"
) -> Row:
    return {
        "sourcedId": name,
        "title": name,
        "dueDate": due,
        "classSourcedId": section,
        "resultValueMin": low,
        "resultValueMax": high,
    }


def result(
    item: str, student: str, score: str, day: date | str, status: str = "fully graded"
) -> Row:
    return {
        "sourcedId": f"{item}-{student}",
        "lineItemSourcedId": item,
        "studentSourcedId": student,
        "scoreStatus": status,
        "score": score,
        "scoreDate": day,
    }


def absence(student: str, day: date | str, **more: str) -> Row:
    row = {"sourcedId": f"{student}-{day}", "studentSourcedId": student, "date": day}
    return {
        **row,
        "status": "absent",
        "reason": "",
        "classSourcedId": "",
        "minutesMissed": "",
        **more,
    }


def incident(name: str, student: str, day: date | str, severity: str = "2", **more: str) -> Row:
    row = {"sourcedId": name, "studentSourcedId": student, "date": day, "type": "fight"}
    return {**row, "severity": severity, "action": "", "daysRemoved": "", **more}


def withdrawal(student: str, day: date | str, reason: str = "transfer") -> Row:
    return {"studentSourcedId": student, "date": day, "reason": reason}


_HEADERS = {
    "withdrawals": ["studentSourcedId", "date", "reason"],
    "caseloads": ["counselorSourcedId", "studentSourcedId"],
    "attendance": list(absence("x", "")),
    "incidents": list(incident("x", "x", "")),
    "results": list(result("x", "x", "", "")),
    "lineItems": list(line_item("x", FIRST_DAY)),
    "calendar": ["orgSourcedId", "date", "isInstructional"],
    "roles": ["sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"],
}


def write(
    folder: Path, files: Files, *, version: str = "1.1", properties: dict[str, str] | None = None
) -> Path:
    """Write the files as a bundle folder; further manifest properties win."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = {"manifest.version": "1.0", "oneroster.version": version, **(properties or {})}
    manifest = [{"propertyName": key, "value": value} for key, value in listed.items()]
    for name, rows in {"manifest": manifest, **files}.items():
        (folder / f"{name}.csv").write_text(as_csv(name, rows), encoding="utf-8", newline="")
    return folder


def as_csv(name: str, rows: list[Row]) -> str:
    """A file's text, as most systems write it."""
    columns = list(dict.fromkeys(key for row in rows for key in row)) or _HEADERS[name]
    lines = _Lines()
    out = csv.DictWriter(lines, columns, restval="")
    out.writeheader()
    out.writerows(rows)
    return "".join(lines.parts)


class _Lines:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)


def zipped(folder: Path, target: Path, *, inside: str = "") -> Path:
    """The folder's files as a zip, at its top or inside one folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.csv*")):
            archive.write(path, f"{inside}{path.name}")
    return target


def packed(folder: Path, names: Iterable[str]) -> Path:
    """Turn some of a bundle's files into .csv.gz."""
    for name in names:
        path = folder / f"{name}.csv"
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return folder
