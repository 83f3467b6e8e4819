"""What was watched, looked at and said is kept as it was, on either store."""

from datetime import UTC, date, datetime, timedelta

from edupulse_core.store import alerts, triggers, verdicts, watched
from edupulse_core.store.alerts import Alert
from edupulse_core.store.database import Store
from edupulse_core.store.triggers import TriggerCheck
from edupulse_core.store.verdicts import Verdict
from edupulse_core.store.watched import Figure

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
SUNDAY = date(2026, 11, 29)


def keep(store: Store, as_of: date, *figures: Figure, at: datetime = NOW) -> None:
    with store.writing() as connection:
        watched.add(connection, figures, at=at, as_of=as_of, family="risk", version="v")


def test_of_several_nights_of_a_week_the_last_one_counts(store: Store) -> None:
    keep(store, SUNDAY, Figure("volume", 80.0))
    keep(store, SUNDAY - timedelta(days=7), Figure("volume", 70.0))
    keep(store, SUNDAY, Figure("volume", 90.0, details={"without": 2}), Figure("score", None))

    found = watched.figures(store, "risk", name="volume")

    assert [(each.as_of, each.value) for each in found] == [
        (SUNDAY, 90.0), (SUNDAY - timedelta(days=7), 70.0),
    ]  # fmt: skip
    assert found[0].details == {"without": 2} and found[0].at == NOW


def test_figures_are_narrowed_by_name_subject_version_and_day(store: Store) -> None:
    keep(store, SUNDAY, Figure("psi", 0.1, "a"), Figure("psi", 0.2, "b"), Figure("ks", 0.3, "a"))

    assert [each.value for each in watched.figures(store, "risk", name="psi", subject="b")] == [0.2]
    assert watched.figures(store, "risk", version="another") == []
    assert watched.figures(store, "risk", since=SUNDAY + timedelta(days=1)) == []
    assert watched.figures(store, "toy") == []


def test_an_alert_is_raised_once_for_each_cause_and_answered_once(store: Store) -> None:
    given = [
        Alert("risk", "v", "drift", "warning", school, {"inputs": {"a": {"psi": 0.4}}}, at=NOW)
        for school in (None, None, "north", "north")
    ]
    with store.writing() as connection:
        made = [alerts.add(connection, each) for each in given]
    first = made[0]
    assert first is not None

    closed = [
        alerts.answer(store, first.alert_id, "closed", actor="tess", note="seen", at=NOW)
        for _ in range(2)
    ]

    assert [each is not None for each in made] == [True, False, True, False]
    assert closed == [True, False]
    assert [each.school for each in alerts.listed(store, "risk", is_open=True)] == ["north"]
    assert alerts.alert(store, first.alert_id).details == {"inputs": {"a": {"psi": 0.4}}}


def test_each_look_at_a_trigger_stays(store: Store) -> None:
    looks = [
        TriggerCheck("risk", name, value, 3.0, NOW, fired=fired, details={"active": "v"})
        for name, value, fired in (("age", 3.5, True), ("error", None, False))
    ]

    triggers.add(store, looks)

    assert triggers.listed(store, "risk") == looks[::-1]
    assert triggers.listed(store, "risk", limit=1) == looks[1:]


def test_of_two_workers_one_keeps_what_it_saw_on_a_sunday(store: Store) -> None:
    mine, later = (
        [TriggerCheck("risk", name, 1.0, 3.0, NOW, slot=slot) for name in ("age", "error")]
        for slot in (NOW, NOW + timedelta(days=7))
    )

    assert [triggers.add(store, some) for some in (mine, mine, later)] == [True, False, True]

    asked = [TriggerCheck("risk", "age", 1.0, 3.0, NOW)]  # by people, as often as they like
    assert triggers.add(store, asked) and triggers.add(store, asked)
    assert [each.slot for each in triggers.listed(store, "risk")] == [
        None, None, *[later[0].slot] * 2, NOW, NOW,
    ]  # fmt: skip


def test_a_verdict_that_is_taken_back_counts_no_more_and_the_one_before_does(store: Store) -> None:
    given = [
        Verdict(str(n), NOW + timedelta(n), "tess", "counselor", "risk", "v", SUNDAY, "ana", said)
        for n, said in enumerate(("true_positive", "false_positive"))
    ]
    verdicts.add(store, given)

    taken = [verdicts.withdraw(store, "1", "tom", NOW) for _ in range(2)]

    assert taken == [True, False]
    assert verdicts.standing(store, "risk", "ana", SUNDAY) == given[0]
    assert verdicts.standing(store, "risk", "ben", SUNDAY) is None


def test_of_several_verdicts_on_one_prediction_the_last_one_counts(store: Store) -> None:
    def verdict(hour: int, outcome: str, student: str = "ana") -> Verdict:
        at = NOW + timedelta(hours=hour)
        return Verdict(
            f"{hour}", at, "tess", "counselor", "risk", "v", SUNDAY, student, outcome, "why"
        )

    verdicts.add(store, [verdict(1, "true_positive"), verdict(2, "false_positive")])
    verdicts.add(store, [verdict(3, "false_negative", "ben")])

    found = verdicts.listed(store, "risk")

    assert [(each.student_id, each.is_positive) for each in found] == [
        ("ana", False), ("ben", True),
    ]  # fmt: skip
