"""What the benchmark of study time reads: answers in their order, and the planted hours."""

from pathlib import Path

import numpy as np
import pytest

from edupulse_core.errors import MissingError
from tests.benchmarks import answer_times, planted_hours

HEAD = (
    "user_id,order_id,problem_id,skill_name,answer_type,tutor_mode,template_id,opportunity,"
    "position,ms_first_response"
)
ROWS = (
    "7,2,p1,Table,algebra,tutor,t1,2,1,20000",
    "7,1,p2,Table,algebra,tutor,t1,1,1,10000",
    "8,3,p1,Table,algebra,tutor,t1,1,1,900000",
    "8,4,p2,Table,algebra,tutor,t1,2,1,5000",
)


def test_answers_come_in_order_without_idle_ones(tmp_path: Path) -> None:
    (tmp_path / answer_times.FILE).write_text("\n".join([HEAD, *ROWS]))

    found = answer_times.read(tmp_path)

    assert found.who.tolist() == ["7", "7", "8"]
    assert np.allclose(found.target() * answer_times.SECONDS, [10, 20, 5])
    assert found.count.tolist() == [0, 1, 0]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="bring it, or name its folder"):
        answer_times.read(tmp_path)


def test_planted_hours_stand_in_the_order_of_the_sessions() -> None:
    examples, truth = planted_hours.district(60, seed=3)

    off = np.log(examples.target() / truth)
    assert len(examples) == len(truth) > 300
    assert abs(off.mean()) < 0.05 and 0.15 < off.std() < 0.25
