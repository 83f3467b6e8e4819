"""Grades stand in the order in which students go through them."""

from edupulse_core.warehouse.grades import place_of

AS_THEY_COME = ["IT", "PR", "PK", "TK", "KG", "01", "2", "09", "10", "11", "12", "13"]


def test_grades_are_sorted_from_the_youngest_to_what_is_no_grade() -> None:
    known = [*AS_THEY_COME, "PS", "UG", "other", "Night", "unknown"]

    assert sorted(sorted(known), key=place_of) == known
    assert sorted(reversed(known), key=place_of) == known


def test_a_grade_has_one_place_however_it_is_written() -> None:
    assert place_of("9") == place_of("09")
    assert place_of("kg") == place_of("KG")
    assert place_of("KG") < place_of("00") < place_of("1")
