"""What a district remembers of its answers, and for how long."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from edupulse_core.queries import at_risk, district
from edupulse_core.queries.at_risk import Filters
from tests import people
from tests.queries.conftest import build_home, publish


def test_a_question_is_asked_once(tmp_path) -> None:
    here, asked = district.open_district(build_home(tmp_path)), []

    for _ in range(2):
        assert here.remember("a", lambda: asked.append(1) or len(asked)) == 1

    assert asked == [1]


def test_who_asks_the_same_meanwhile_waits_for_that_answer(tmp_path) -> None:
    here, asked = district.open_district(build_home(tmp_path)), []
    begun, may_end = threading.Event(), threading.Event()

    def ask() -> int:
        asked.append(1)
        begun.set()
        may_end.wait()
        return len(asked)

    with ThreadPoolExecutor(9) as people_at_once:
        found = [people_at_once.submit(here.remember, "a", ask)]
        begun.wait()
        found += [people_at_once.submit(here.remember, "a", ask) for _ in range(7)]
        other = people_at_once.submit(here.remember, "b", lambda: "b").result()
        may_end.set()

    assert [each.result() for each in found] == [1] * 8 and asked == [1]
    assert other == "b"  # another question waits for nobody


def test_an_answer_that_failed_is_asked_again(tmp_path) -> None:
    here = district.open_district(build_home(tmp_path))

    with pytest.raises(ZeroDivisionError):
        here.remember("a", lambda: 1 / 0)

    assert here.remember("a", lambda: 1) == 1


def test_a_district_that_imports_have_replaced_is_forgotten(tmp_path) -> None:
    settings = build_home(tmp_path)
    first = district.open_district(settings)
    at_risk.choices(people.district_lead, first)
    gone = weakref.ref(first)
    del first

    for day in range(17, 21):
        publish(settings, f"202611{day}T060000000000-next")
        at_risk.choices(people.district_lead, district.open_district(settings))
    gc.collect()

    assert gone() is None


def test_what_is_typed_pushes_nothing_out(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(district, "MOST", 3)
    here = district.open_district(build_home(tmp_path))
    first = at_risk.students(people.district_lead, here, Filters())

    for text in ("a", "an", "ana", "an"):
        at_risk.students(people.district_lead, here, Filters(text=text))
    for page in range(2, 6):
        at_risk.students(people.district_lead, here, Filters(), page)

    assert at_risk.students(people.district_lead, here, Filters()) is first
