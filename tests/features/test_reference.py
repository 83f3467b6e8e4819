"""The SQL and the plain reading of the contract agree, whatever the records are."""

import numpy as np
import pytest

from edupulse_core.features import build
from edupulse_core.features.catalogue import NAMES
from tests.features import reference, reference_outcomes
from tests.features.district import random_district
from tests.features.reference_tables import Warehouse

FLAGS = ("flag_a", "flag_b", "flag_c", "severity")


@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.slow
@pytest.mark.parametrize(("seed", "chunk"), [(0, build.CHUNK), (1, build.CHUNK), (3, 3)])
def test_features_and_labels_agree_with_the_reference_however_many_students_at_once(
    seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(build, "CHUNK", chunk)
    district = random_district(seed, students=4).build()
    warehouse = Warehouse(district.con, settings=district.settings)

    for table, names, expected in (
        ("features", NAMES, reference.features(warehouse, district.settings)),
        ("outcomes", FLAGS, reference_outcomes.outcomes(warehouse, district.settings)),
    ):
        found = district.con.sql(
            "from query_table('features.main.' || $t) order by 1, 2", params={"t": table}
        ).df()
        assert list(found.week_start) == list(expected.week_start)
        assert list(found.student_id) == list(expected.student_id)
        for name in names:
            np.testing.assert_allclose(
                found[name].to_numpy(float, na_value=np.nan),
                expected[name].to_numpy(float),
                atol=1e-9,
                err_msg=name,
            )
