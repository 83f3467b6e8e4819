from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.errors import AccessError
from edupulse_core.families.risk import checkpoint, pictures
from edupulse_core.families.risk.agreement import badge
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.families.risk.learned import LOGISTIC
from edupulse_core.families.risk.linear import Linear
from edupulse_core.families.risk.network import Standardizer
from edupulse_core.families.risk.pictures import Pictures
from edupulse_core.features.catalogue import NAMES
from edupulse_core.lifecycle import registry
from edupulse_core.lifecycle.registry import Switch
from edupulse_core.people import access
from edupulse_core.people.access import Viewer
from edupulse_core.queries import at_risk, student
from edupulse_core.queries.at_risk import Filters
from edupulse_core.queries.district import District, open_district
from edupulse_core.queries.student import StudentRecord
from edupulse_core.store import predictions
from edupulse_core.store.database import open_store
from edupulse_core.store.runs import RunRecord
from edupulse_core.training.calibration import Calibration
from edupulse_core.warehouse import snapshots
from edupulse_core.warehouse.silence import UNSENT
from tests import people
from tests.queries.conftest import VERSION, build_home, publish, row, score_cast


def test_a_student_comes_with_score_reasons_and_the_viewers_own_reason(
    district: District,
) -> None:
    ana = StudentRecord(people.teacher_north, district, "ana")

    assert (ana.name, ana.grade, ana.school) == ("Ana Alvarez", "8", "North Middle School")
    assert ana.why == "in their class Algebra 1, period 3"
    assert (ana.score, ana.tier, ana.as_of) == (0.82, "critical", people.AS_OF)
    assert ana.reasons[0].sentence == "Attended none of this school year (typical here: 100%)"
    assert (ana.reasons[0].direction, ana.reasons[0].mover) == ("raises", "raises the score")
    assert ("grd_courses_failing", "Courses failing", "1") in ana.indicators


def test_a_reason_that_was_kept_as_a_sentence_is_told_as_it_was_said(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    version = registry.active_version(settings, "risk").name
    scored, said = (
        row("ana", 0.8, "grd_gpa_ytd"),
        "Grade points 3.00; earlier weeks lower the score",
    )
    scored["factors"][0]["sentence"] = said  # type: ignore[index]
    run = RunRecord(version, people.AS_OF, VERSION, family="risk")
    predictions.write_run(open_store(settings), run, [scored])
    here = open_district(settings)

    (reason,) = StudentRecord(people.district_lead, here, "ana").reasons
    listed = at_risk.everyone(people.district_lead, here, Filters(text="Ana"))

    assert (reason.sentence, reason.mover) == (said, "")
    assert listed[0]["factor"] == f"↑ {said}"


def test_the_weeks_behind_a_reason_are_shown_the_way_it_is_told(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana")

    weeks = ana.feature_weeks(("att_absence_rate_1w",))["att_absence_rate_1w"]

    assert [value for _, value in weeks] == ana.timeline()["attendance"].to_pylist()


def test_what_goes_well_comes_from_what_is_known(district: District) -> None:
    def strengths(student_id: str) -> tuple[str, ...]:
        return StudentRecord(people.district_lead, district, student_id).strengths

    assert strengths("ana") == (
        "No missing work in the last 4 weeks",
        "No incidents this school year",
    )
    (attended,) = strengths("dee")
    assert attended.startswith("Attended 100")


def test_a_student_who_came_last_week_has_no_strengths_yet(district: District) -> None:
    ana = StudentRecord(people.district_lead, district, "ana")
    outcomes = replace(district.settings.outcomes, min_history_weeks=ana.known_weeks + 1)
    settings = district.settings.model_copy(update={"outcomes": outcomes})
    longer = replace(district, settings=settings)

    assert ana.strengths and not StudentRecord(people.district_lead, longer, "ana").strengths


@pytest.mark.parametrize(
    ("math", "gains", "absent", "expected"),
    [
        (0.7, 0.2, 0.05, ["Strongest subject", "Grade point average up", "Attended 95%"]),
        (0.69, 0.19, 0.051, []),
    ],
)
def test_a_strength_begins_at_its_threshold(
    tmp_path: Path, math: float, gains: float, absent: float, expected: list[str]
) -> None:
    district = open_district(build_home(tmp_path, more=BEN_IN_ENGLISH))
    district.con.execute(
        "create table memory.main.features as select * replace ("
        "case when student_id = 'ben' then $math else grd_math_ytd end as grd_math_ytd, "
        "case when student_id = 'ben' then 0.5 else grd_english_ytd end as grd_english_ytd, "
        "0.5::double as grd_science_ytd, 0.5::double as grd_social_studies_ytd, "
        "$gains::double as grd_gpa_change_4w, $absent::double as att_absence_rate_4w, "
        "1::double as dsc_incidents_ytd) from features.features",
        {"math": math, "gains": gains, "absent": absent},
    )

    found = StudentRecord(people.district_lead, district, "ben").strengths

    assert len(found) == len(expected)
    assert all(said.startswith(start) for said, start in zip(found, expected, strict=True))


BEN_IN_ENGLISH = """
insert into results
    (result_id, line_item_id, student_id, score_status, score, score_date)
    values ('r9', 'poem', 'ben', 'fully graded', 5, '2026-11-07');
"""


def test_a_subject_that_is_not_taken_is_no_strength(tmp_path: Path) -> None:
    district = open_district(build_home(tmp_path, more=BEN_IN_ENGLISH))
    district.con.execute(
        "create table memory.main.features as select * replace (0.9::double as grd_math_ytd, "
        "0.5::double as grd_english_ytd, 0.95::double as grd_science_ytd) from features.features"
    )

    def said(student_id: str, as_of: date) -> list[str]:
        found = StudentRecord(people.district_lead, district, student_id, as_of).strengths
        return [one for one in found if one.startswith("Strongest")]

    assert said("ben", people.AS_OF) == ["Strongest subject: Math, 90% this year"]
    assert said("ben", people.week_before(people.AS_OF, 2)) == []  # nothing was marked by then
    assert said("ana", people.AS_OF) == []  # marked in one subject only


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("update line_items set due_date = '2026-09-03'", False),  # only marked lately
        ("update results set score_status = 'submitted', score = null", True),
        ("update results set score_date = '2026-11-20'", False),  # not handed in yet
        (
            "update line_items set due_date = '2026-10-06';"
            "update results set score_date = '2026-10-06' where score is not null;"
            "delete from school_days where date between '2026-10-19' and '2026-11-06';"
            "delete from student_days where date between '2026-10-19' and '2026-11-06'",
            True,  # five weeks ago, of which three had no school
        ),
    ],
)
def test_no_work_missing_is_said_of_work_that_was_due(
    tmp_path: Path, changed: str, expected: bool
) -> None:
    district = open_district(build_home(tmp_path, more=changed))

    found = StudentRecord(people.district_lead, district, "ana").strengths

    assert ("No missing work in the last 4 weeks" in found) is expected


@pytest.mark.parametrize("student_id", ["dee", "nobody", "tom", "", "ana' or '1'='1"])
def test_a_foreign_and_an_unknown_student_answer_alike(district: District, student_id: str) -> None:
    with pytest.raises(AccessError) as refused:
        StudentRecord(people.teacher_north, district, student_id)

    assert str(refused.value) == access.UNKNOWN_STUDENT


@pytest.mark.parametrize("viewer", [people.steward, people.teacher_south])
def test_there_is_no_record_of_a_foreign_student_to_read_from(
    viewer: Viewer, district: District
) -> None:
    with pytest.raises(AccessError):
        StudentRecord(viewer, district, "ana")


def test_a_record_becomes_no_other_students_and_no_other_viewers(district: District) -> None:
    ana = StudentRecord(people.teacher_north, district, "ana")

    with pytest.raises(AccessError):
        replace(ana, student_id="dee")
    with pytest.raises(AccessError):
        replace(ana, viewer=people.teacher_south)
    with pytest.raises(FrozenInstanceError):
        ana.student_id = "dee"  # type: ignore[misc]


@pytest.mark.parametrize("others", [True, False], ids=["explained", "not"])
def test_without_a_reason_it_is_known_whether_any_was_looked_for(
    others: bool, tmp_path: Path
) -> None:
    settings = build_home(tmp_path)
    store, version = open_store(settings), registry.active_version(settings, "risk").name
    rows = [row("ana", 0.8, "grd_gpa_ytd") | {"factors": []}, row("ben", 0.3, "grd_gpa_ytd")]
    predictions.write_run(
        store,
        RunRecord(version, people.AS_OF, VERSION, family="risk"),
        rows if others else rows[:1],
    )
    district = open_district(settings)

    ana = StudentRecord(people.counselor, district, "ana")

    assert ana.score == 0.8 and ana.reasons == ()
    assert ana.is_explained == others


def test_an_earlier_week_shows_what_was_said_then(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana", date(2026, 11, 12))

    assert ana.as_of == date(2026, 11, 8)
    assert ana.score == 0.60


def test_a_week_that_was_never_scored_has_no_score(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana", date(2026, 9, 27))

    assert ana.score is None and ana.reasons == ()
    assert ana.as_of == date(2026, 9, 27)


def test_a_day_after_the_data_shows_the_latest_week(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana", date(2027, 5, 1))

    assert ana.as_of == people.AS_OF


def test_a_day_before_every_week_shows_a_student_without_weeks(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana", date(2020, 1, 1))

    assert ana.week_start is None and ana.score is None
    assert all(words == "unknown" for _, _, words in ana.indicators)
    assert len(ana.timeline()) == 0


@pytest.mark.parametrize("day", [date.min, date(1, 1, 5), date(1900, 1, 1), date(1752, 9, 3)])
def test_the_calendars_first_days_are_days_before_every_week(district: District, day: date) -> None:
    ana = StudentRecord(people.counselor, district, "ana", day)

    assert ana.week_start is None and ana.score is None
    assert ana.gaps(ana.timeline()) == []


def test_the_calendars_last_day_shows_the_latest_week(district: District) -> None:
    assert StudentRecord(people.counselor, district, "ana", date.max).as_of == people.AS_OF


def test_an_old_week_keeps_its_score_after_a_hundred_scorings(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    store, run = open_store(settings), RunRecord("risk-0", people.AS_OF, VERSION, family="risk")
    for _ in range(101):
        predictions.write_run(store, run, [row("ana", 0.5, "att_is_chronic")])

    shown = StudentRecord(
        people.counselor, open_district(settings), "ana", people.week_before(people.AS_OF)
    )

    assert shown.score == 0.60


def test_an_old_week_shows_no_score_of_data_that_were_taken_back(tmp_path: Path) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    week, bad = people.week_before(people.AS_OF), "20261117T060000000000-bad"
    publish(settings, bad)
    run = RunRecord(registry.active_version(settings, "risk").name, week, bad, family="risk")
    predictions.write_run(open_store(settings), run, [row("ana", 0.01, "att_is_chronic")])

    def score() -> float | None:
        return StudentRecord(people.counselor, open_district(settings), "ana", week).score

    before = score()
    snapshots.undo(settings)

    assert (before, score()) == (0.01, 0.60)


def test_the_timeline_has_unknown_marks_where_nothing_was_graded(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana")

    weeks = ana.timeline().to_pylist()

    assert len(weeks) == 13
    assert weeks[-1]["attendance"] == 0.8 and weeks[-1]["score_mean"] is None
    assert weeks[-2]["score_mean"] == 0.3


def gaps(district: District, student_id: str) -> list[str]:
    shown = StudentRecord(people.district_lead, district, student_id)
    weeks = shown.timeline()
    return shown.gaps(weeks)


def test_weeks_without_a_gap_need_no_words(district: District) -> None:
    assert gaps(district, "ana") == []


def test_weeks_without_a_mark_say_so(district: District) -> None:
    assert gaps(district, "eli") == ["No grade was given in these weeks."]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("ana", "Sep 14, 2026 to Sep 25, 2026: not enrolled."),
        (None, "Sep 14, 2026 to Sep 25, 2026: no school."),
    ],
)
def test_a_gap_is_explained_by_its_reason(tmp_path: Path, who: str | None, expected: str) -> None:
    district = open_district(build_home(tmp_path))
    district.con.execute(
        "create table memory.main.student_weeks as from features.student_weeks "
        "where not (student_id = coalesce($who, student_id) "
        "and week_start in ('2026-09-14', '2026-09-21'))",
        {"who": who},
    )

    assert gaps(district, "ana") == [expected]


def test_heatmaps_cover_the_known_weeks_and_all_features(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana")

    found = ana.heatmaps()

    assert found is not None
    assert len(found.weeks) == len(found.attention) == 13 and found.weeks[-1] == "Nov 9, 2026"
    assert all(abs(sum(row) - 1) < 1e-4 for row in found.attention)
    kinds = [found.of_kind(kind) for kind in ("att", "grd", "dsc")]
    assert [len(kind) for kind in kinds] == [14, 15, 13]
    assert found.table(kinds[0]).num_columns == 14 and found.attention_table().num_rows == 13
    assert found.most > 0
    first, *others = found.strongest()
    assert max(map(abs, found.attributions[first])) == found.most and len(others) < 8


def test_the_heatmaps_of_the_night_are_shown_for_the_score_that_they_belong_to(
    tmp_path: Path,
) -> None:
    settings = build_home(tmp_path)
    score_cast(settings)
    here, version = open_district(settings), registry.active_version(settings, "risk").name
    weeks, features = 20, len(NAMES)
    kept = Pictures(
        np.full((1, weeks, weeks), 0.25, np.float32),
        np.full((1, weeks, features), -0.5, np.float32),
        np.arange(weeks)[None] >= 7,
        [badge("partly", 0.7, 0.2)],
    )

    def most(score: float) -> float:
        path = pictures.file_of(here.snapshot, version)
        with pictures.writing(path, ["ana"], weeks, features) as add:
            add(["ana"], np.array([score]), kept)
        found = StudentRecord(people.counselor, here, "ana").heatmaps()
        assert found is not None and len(found.weeks) == 13
        return found.most

    assert most(0.82) == 0.5
    assert most(0.83) != 0.5  # worked out instead
    assert StudentRecord(people.district_lead, here, "ben").heatmaps() is not None  # has no row


def test_who_may_see_a_student_is_listed_with_reasons(district: District) -> None:
    ana = StudentRecord(people.counselor, district, "ana")

    found = {w.name: w.reason for w in ana.witnesses()}

    assert found["Tom North"] == "in their class Algebra 1, period 3"
    assert found["Cora Cole"] == "on their caseload"
    assert "Tina South" not in found and "Stan Steward" not in found


def test_finding_by_name_finds_only_the_viewers_students(district: District) -> None:
    assert [s["student_id"] for s in student.find(people.counselor, district, "a")] == [
        "ana",
        "dee",
    ]
    assert student.find(people.teacher_south, district, "Alvarez") == []


@pytest.mark.parametrize("search", ["Alvarez, Ana", "alvarez ana", "ANA ALVAREZ", "ana", "Ána"])
def test_a_name_is_found_by_its_words_in_any_order(search: str, district: District) -> None:
    found = student.find(people.district_lead, district, search)

    assert [one["student_id"] for one in found] == ["ana"]


def test_part_of_a_name_that_is_anothers_id_finds_both(district: District, tmp_path: Path) -> None:
    settings = build_home(
        tmp_path, more="update users set given_name = 'Cyril' where user_id = 'ben'"
    )

    found = student.find(people.district_lead, open_district(settings), "cy")

    assert {one["student_id"] for one in found} >= {"ben", "cy"}


def test_attendance_is_told_as_attendance(district: District) -> None:
    ana = StudentRecord(people.district_lead, district, "ana")

    told = {name: (label, words) for name, label, words in ana.indicators}
    label, words = told["att_absence_rate_4w"]
    assert label.startswith("Attendance") and words.startswith("80")  # absent every Monday


def test_no_missing_work_is_said_with_whether_any_work_is_known(
    district: District, tmp_path: Path
) -> None:
    def missing(of: District) -> list[str]:
        ana = StudentRecord(people.district_lead, of, "ana")
        return [words for name, _, words in ana.indicators if name == "grd_missing_rate_4w"]

    settings = build_home(
        tmp_path,
        more="update results set score_date = '2026-09-01';"
        "update line_items set due_date = '2026-09-01'",
    )

    assert missing(district) == ["0%"]
    assert missing(open_district(settings)) == ["0%, no work known"]


NOT_SENT = """
insert into unknown_weeks
    select 'north', date '2026-11-09', kind, true
    from (values ('incidents'), ('missing_work'), ('marks')) as kinds(kind);
"""


def test_what_a_school_does_not_send_is_named_and_is_no_strength(tmp_path: Path) -> None:
    ana = StudentRecord(
        people.district_lead, open_district(build_home(tmp_path, more=NOT_SENT)), "ana"
    )

    assert not [one for one in ana.strengths if "ncidents" in one or "missing" in one]
    said = " ".join(ana.gaps(ana.timeline()))
    assert all(UNSENT[kind].words in said for kind in ("incidents", "missing_work", "marks"))
    told = {name: words for name, _, words in ana.indicators}
    assert told["dsc_incidents_ytd"] == told["grd_courses_failing"] == "unknown"
    assert (ana.flags.b, ana.flags.c) == (None, None)


def test_a_model_without_attention_has_heatmaps_of_what_moved_the_score_alone(
    tmp_path: Path,
) -> None:
    settings, rng = build_home(tmp_path), np.random.default_rng(0)
    learned = Linear(rng.normal(size=(5, 42)), rng.normal(size=(5, 42)), np.zeros(5))
    scale = Standardizer(np.zeros(42, np.float32), np.ones(42, np.float32))
    plain = RiskModel(learned, scale, Calibration(), algorithm=LOGISTIC)
    checkpoint.save(plain, settings.home / "models" / "risk" / "plain")
    registry.activate(settings, "risk", "plain", Switch("steward"))
    score_cast(settings)

    found = StudentRecord(people.counselor, open_district(settings), "ana").heatmaps()

    assert found is not None and found.attention is None
    assert (found.algorithm, found.agreement.checks) == (LOGISTIC, 2)
    assert found.most > 0 and found.table(found.of_kind("att")).num_columns == 14
