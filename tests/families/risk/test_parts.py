"""A score in parts: exact on a network that can be worked out by hand."""

import numpy as np
import pytest

from edupulse_core.families.risk import parts, serve
from edupulse_core.features.catalogue import NAMES
from tests.families.risk.by_hand import GROUP_OF, by_hand, in_groups


def test_a_linear_score_is_its_terms_whatever_the_method() -> None:
    linear = by_hand(0.0)

    terms = in_groups([2.0, -2.0], [6.0, 1.5])
    assert parts.deletion(linear) == pytest.approx(terms, abs=1e-5)
    assert parts.margins(linear) == pytest.approx(terms, abs=1e-5)


def test_what_two_groups_do_together_is_lost_with_either() -> None:
    joint = by_hand(1.0)  # a b is 2 and -0.5

    assert parts.deletion(joint) == pytest.approx(in_groups([4, -2.5], [8, 1]), abs=1e-5)


def test_margins_are_the_mean_of_adding_a_part_last_and_first() -> None:
    joint = by_hand(1.0)

    margins = parts.margins(joint)

    assert margins == pytest.approx(in_groups([3, -2.25], [7, 1.25]), abs=1e-5)  # two are Shapley's


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
        serve.load(version, form="onnx"), few.values[rows], few.observed[rows], norms[rows], kind
    )


def test_padded_weeks_have_exactly_no_effect(real) -> None:
    weeks = real("week")

    lost = parts.deletion(weeks)

    assert not weeks.observed.all()
    assert (lost[~weeks.observed] == 0).all()
    assert np.abs(lost[weeks.observed]).max() > 0.01


def test_nobody_else_in_the_batch_changes_an_effect(real) -> None:
    alone = parts.deletion(real("group", slice(3, 4)))
    among = parts.deletion(real("group"))[3:4]

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
