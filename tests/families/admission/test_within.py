"""A gap that comes from where people apply is told from one that is there in each program."""

import numpy as np

from edupulse_core.families.admission.within import gaps

WOMEN, MEN = "female", "male"


def applicants(shares: dict[tuple[str, str], tuple[int, int]]) -> tuple[np.ndarray, ...]:  # type: ignore[type-arg]
    """Applicants from (program, sex) -> how many applied, how many were admitted."""
    rows = [
        (float(at < admitted), program, sex)
        for (program, sex), (applied, admitted) in shares.items()
        for at in range(applied)
    ]
    came, program, sex = zip(*rows, strict=True)
    return np.array(came), np.array(program), np.array(sex)


def test_women_who_apply_where_few_are_admitted_meet_no_gap_within_programs() -> None:
    came, program, sex = applicants(
        {
            ("easy", MEN): (400, 280),
            ("easy", WOMEN): (100, 72),
            ("hard", MEN): (100, 20),
            ("hard", WOMEN): (400, 84),
        }
    )
    chance = np.where(program == "easy", 0.7, 0.2)

    told = {g.group: g for g in gaps(came, chance, program, {"sex": sex}, came >= 0)["sex"]}
    women = told[WOMEN]

    assert women.overall.high is not None and women.overall.high < -0.2
    assert women.within.value is not None and abs(women.within.value) < 0.03
    assert women.unexplained.value is not None and abs(women.unexplained.value) < 0.03
    assert women.comes_from_programs and told[MEN].comes_from_programs


def test_a_gap_in_every_program_does_not_come_from_programs() -> None:
    came, program, sex = applicants(
        {
            ("easy", MEN): (200, 160),
            ("easy", WOMEN): (200, 100),
            ("hard", MEN): (200, 80),
            ("hard", WOMEN): (200, 30),
        }
    )

    women = gaps(came, came.mean() + 0 * came, program, {"sex": sex}, came >= 0)["sex"][0]

    assert women.within.high is not None and women.within.high < 0
    assert not women.comes_from_programs


def test_nothing_is_counted_in_hidden_or_small_groups() -> None:
    came, program, sex = applicants({("p", MEN): (100, 50), ("p", WOMEN): (10, 5)})

    assert gaps(came, came, program, {"sex": sex}, came >= 0)["sex"] == []
    assert gaps(came, came, program, {"sex": sex}, sex == MEN)["sex"] == []
