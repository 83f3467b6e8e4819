"""The files that a bundle may hold, and the columns that are read from each."""

from dataclasses import dataclass

DEMOGRAPHICS = (  # columns of demographics.csv that say true or false, and one word
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
    "metadata.englishLearner",
    "metadata.disability",
    "metadata.mealStatus",
)


@dataclass(frozen=True)
class SourceFile:
    """One file of the bundle."""

    name: str  # without its ending
    required: tuple[str, ...]  # columns that the file must have
    optional: tuple[str, ...] = ()  # columns that are read where they are there
    is_needed: bool = False  # must be in a home's first bundle
    points_to: tuple[str, ...] = ()  # files that its rows are checked against

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return self.required + self.optional


RECORDS = (  # in import order: a row may refer to rows of earlier files
    SourceFile("orgs", ("sourcedId", "name", "type"), ("status", "parentSourcedId"), True),
    SourceFile(
        "academicSessions",
        ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
        ("status", "parentSourcedId"),
        True,
    ),
    SourceFile(
        "courses",
        ("sourcedId", "title"),
        ("status", "orgSourcedId", "subjects", "subjectCodes"),
        True,
    ),
    SourceFile(
        "classes",
        ("sourcedId", "title", "courseSourcedId", "schoolSourcedId", "termSourcedIds"),
        ("status", "periods", "grades", "subjects", "subjectCodes"),
        True,
        points_to=("academicSessions", "courses", "orgs"),
    ),
    SourceFile(
        "users",
        ("sourcedId", "givenName", "familyName"),
        ("status", "enabledUser", "username", "email", "grades", "role", "orgSourcedIds"),
        True,
    ),
    SourceFile(
        "roles",
        ("sourcedId", "userSourcedId", "role"),
        ("status", "orgSourcedId", "beginDate", "endDate"),
        points_to=("users", "orgs"),
    ),
    SourceFile(
        "demographics",
        ("sourcedId",),
        ("status", "birthDate", "sex", *DEMOGRAPHICS),
        points_to=("users",),
    ),
    SourceFile(
        "enrollments",
        ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
        ("status", "beginDate", "endDate"),
        True,
        points_to=("classes", "orgs", "users"),
    ),
    SourceFile(
        "withdrawals",
        ("studentSourcedId", "date", "reason"),
        ("status",),
        points_to=("users", "roles"),
    ),
    SourceFile(
        "calendar", ("orgSourcedId", "date", "isInstructional"), ("status",), points_to=("orgs",)
    ),
    SourceFile(
        "lineItems",
        ("sourcedId", "dueDate", "classSourcedId", "resultValueMin", "resultValueMax"),
        ("status", "title"),
        points_to=("classes",),
    ),
    SourceFile(
        "results",
        (
            "sourcedId",
            "lineItemSourcedId",
            "studentSourcedId",
            "scoreStatus",
            "score",
            "scoreDate",
        ),
        ("status", "textScore"),
        points_to=("lineItems", "users", "roles"),
    ),
    SourceFile(
        "attendance",
        ("sourcedId", "studentSourcedId", "date", "status"),
        ("reason", "classSourcedId", "minutesMissed"),
        points_to=("users", "roles", "classes", "enrollments", "withdrawals", "calendar"),
    ),
    SourceFile(
        "incidents",
        ("sourcedId", "studentSourcedId", "date", "type", "severity"),
        ("status", "action", "daysRemoved"),
        points_to=("users", "roles", "enrollments", "withdrawals", "calendar"),
    ),
    SourceFile(
        "caseloads",
        ("counselorSourcedId", "studentSourcedId"),
        ("status",),
        points_to=("users", "roles"),
    ),
)
BESIDE_ONEROSTER = ("withdrawals", "calendar", "attendance", "incidents", "caseloads")
LEARNING = (  # learning records: optional one by one, merged by key whichever way they come
    SourceFile(
        "skills",
        ("sourcedId", "title"),
        (
            "status",
            "subject",
            "gradeLevel",
            "prerequisiteSourcedIds",
            "difficulty",
            "base_hours",
            "content_type",
        ),
    ),
    SourceFile(
        "items",
        ("sourcedId", "skillSourcedIds"),
        ("status", "title", "text", "difficulty"),
        points_to=("skills",),
    ),
    SourceFile(
        "interactions",
        ("studentSourcedId", "itemSourcedId", "answeredAt", "correct"),
        ("status", "seconds", "attempt", "hints"),
        points_to=("users", "roles", "items"),
    ),
    SourceFile(
        "resources",
        ("sourcedId", "title"),
        ("status", "kind", "skillSourcedIds", "text", "difficulty", "minutes", "url"),
        points_to=("skills",),
    ),
    SourceFile(
        "ratings",
        ("studentSourcedId", "resourceSourcedId", "usedAt"),
        ("status", "rating", "minutes", "completed"),
        points_to=("users", "roles", "resources"),
    ),
    SourceFile(
        "study_sessions",
        ("sourcedId", "studentSourcedId", "skillSourcedId", "startedAt", "hours"),
        (
            "status",
            "study_method",
            "environment",
            "energy_level",
            "distraction_level",
            "breaks_taken",
        ),
        points_to=("users", "roles", "skills"),
    ),
    SourceFile(
        "learners",
        ("studentSourcedId",),
        ("status", "age", "education_level", "learning_style", "avg_focus_duration"),
        points_to=("users", "roles"),
    ),
    SourceFile(
        "programs",
        ("sourcedId", "title"),
        ("status", "institution", "tier", "min_gpa", "admit_rate"),
    ),
    SourceFile(
        "applications",
        ("sourcedId", "studentSourcedId", "programSourcedId", "appliedOn"),
        (
            "status",
            "outcome",
            "gpa",
            "test_score",
            "language_score",
            "statement",
            "letters",
            "research",
            "extracurriculars",
            "rank_in_class",
        ),
        points_to=("users", "roles", "programs"),
    ),
)
FILES = (*RECORDS, *LEARNING)
