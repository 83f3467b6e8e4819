"""A score in parts: exact on a network that can be worked out by hand."""

import numpy as np
import pytest

from edupulse_core.families.risk import engine, parts
from edupulse_core.families.risk.parts import GROUP_OF
from edupulse_core.features.catalogue import NAMES
from tests.families.risk.by_hand import by_hand, in_groups


def test_a_linear_score_is_its_terms_whatever_the_method() -> None:
    linear = by_hand(0.0)

    assert parts.apart(linear) == pytest.approx([8.0, -0.5])
    for method in (parts.deletion, parts.shapley):
        assert method(linear) == pytest.approx(in_groups([2.0, -2.0], [6.0, 1.5]), abs=1e-5)


def test_what_two_groups_do_together_is_shared_or_counted_twice() -> None:
    joint = by_hand(1.0)  # a b is 2 and -0.5

    assert parts.shapley(joint) == pytest.approx(in_groups([3, -2.25], [7, 1.25]), abs=1e-5)
    assert parts.deletion(joint) == pytest.approx(in_groups([4, -2.5], [8, 1]), abs=1e-5)
    assert parts.shapley(joint).sum(axis=1) == pytest.approx(parts.apart(joint), abs=1e-5)


def test_margins_are_the_mean_of_adding_a_part_last_and_first() -> None:
    joint = by_hand(1.0)

    margins = parts.margins(joint, parts.deletion(joint))

    assert margins == pytest.approx(in_groups([3, -2.25], [7, 1.25]), abs=1e-5)  # two are Shapley's


def test_the_slope_by_a_part_is_that_of_the_way_there() -> None:
    joint = by_hand(1.0)

    logits, slopes = joint.gradients(np.full((2, 8), 0.5), np.arange(2))

    assert logits == pytest.approx([0.5 * 8 + 0.25 * 2, 0.5 * -0.5 + 0.25 * -0.5])
    assert slopes == pytest.approx(in_groups([3.0, -2.25], [7.0, 1.25]))


def test_features_and_weeks_are_parts_as_well() -> None:
    by_week, by_feature = (
        parts.deletion(by_hand(0.0, "week")),
        parts.deletion(by_hand(0.0, "feature")),
    )

    assert by_week[:, -1] == pytest.approx([8.0, -0.5], abs=1e-5)
    assert (by_week[:, :-1] == 0).all()
    assert by_feature[0, [0, 14]] == pytest.approx([2.0, 6.0], abs=1e-5)


@pytest.fixture(scope="module")
def real(version, batch):
    few = batch.of(slice(0, 12))
    norms = np.tile(np.nanmedian(batch.values[:, -1], axis=0).astype(np.float64), (12, 1))
    return lambda kind, rows=slice(None): parts.cut(
        engine.load(version, form="onnx"), few.values[rows], few.observed[rows], norms[rows], kind
    )


def test_padded_weeks_have_exactly_no_effect(real) -> None:
    weeks = real("week")

    lost = parts.deletion(weeks)

    assert not weeks.observed.all()
    assert (lost[~weeks.observed] == 0).all()
    assert np.abs(lost[weeks.observed]).max() > 0.01


def test_shapley_values_are_complete(real) -> None:
    groups = real("group")

    apart = parts.apart(groups)

    assert np.abs(apart).max() > 0.05
    assert np.abs(parts.shapley(groups).sum(axis=1) - apart).max() < 1e-5


def test_nobody_else_in_the_batch_changes_an_effect(real) -> None:
    for method in (parts.deletion, parts.shapley):
        alone = method(real("group", slice(3, 4)))
        among = method(real("group"))[3:4]

        assert np.abs(alone - among).max() < 1e-5


def test_one_feature_and_its_group_of_one_agree(real) -> None:
    features, groups = real("feature"), real("group")
    only = np.zeros((12, 42))
    only[:, GROUP_OF == 1] = 1.0
    shares = np.zeros((12, 8))
    shares[:, 1] = 1.0

    rows = np.arange(12)

    assert len(NAMES) == features.n == 42
    assert features.logits(only, rows) == pytest.approx(groups.logits(shares, rows), abs=1e-6)
