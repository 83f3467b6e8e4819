"""Explanations: complete, silent on the unknown; the quick ones agree with the exact."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edupulse_core.config import load_settings
from edupulse_core.families.risk import attribution, checkpoint, serve
from edupulse_core.families.risk.attribution import integrate
from edupulse_core.families.risk.explain import explain, explain_all
from edupulse_core.features.catalogue import NAMES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def version(each_version: Path) -> Path:
    """Of either kind of network."""
    return each_version


@pytest.fixture(scope="module")
def few(batch):
    return batch.of(slice(0, 6))


@pytest.fixture(scope="module")
def norms(batch) -> np.ndarray:
    return np.tile(np.nanmedian(batch.values[:, -1], axis=0).astype(np.float64), (6, 1))


@pytest.fixture(scope="module")
def explained(version, few, norms):
    return explain_all(load_settings(), version, few.values, few.observed, norms)


def test_attributions_sum_to_what_sets_the_student_apart(version, few, norms, explained) -> None:
    base, way = attribution.path(serve.load(version).trained, few.values, few.observed, norms)
    network = checkpoint.load(version).network
    with torch.inference_mode():
        seen = torch.from_numpy(few.observed)
        apart = network(torch.from_numpy(base + way), seen)[0]
        apart = (apart - network(torch.from_numpy(base), seen)[0]).numpy()

    sums = np.array([each.attributions.sum() for each in explained])

    assert np.abs(apart).max() > 0.05
    assert np.abs(sums - apart).max() < 0.01
    assert max(each.completeness_error for each in explained) < 0.01


def test_a_score_that_bends_on_its_way_gets_more_steps(version, few, norms, monkeypatch) -> None:
    served = serve.load(version, form="onnx")
    base, way = attribution.path(served.trained, few.values, few.observed, norms)
    monkeypatch.setattr("edupulse_core.families.risk.attribution.STEPS", (1,))
    coarse, far = integrate(served, base, way, few.observed)
    monkeypatch.setattr("edupulse_core.families.risk.attribution.STEPS", (1, 200))

    fine, near = integrate(served, base, way, few.observed)

    enough = far <= 0.01 * np.maximum(np.abs(coarse.sum(axis=(1, 2))), 0.1) / 2
    assert far.max() > 0.02 > near.max()
    assert (fine[enough] == coarse[enough]).all()


def test_the_badge_is_of_the_student_alone(version, few, norms, explained) -> None:
    alone = explain(load_settings(), version, few.values[3], few.observed[3], norms[3])

    assert alone.agreement.verdict == explained[3].agreement.verdict
    assert alone.agreement.weeks == pytest.approx(explained[3].agreement.weeks, abs=1e-3)
    assert alone.as_json()["agreement"]["sentence"].endswith(".")


def test_padded_weeks_explain_exactly_nothing(few, explained) -> None:
    assert not few.observed.all()
    for each, observed in zip(explained, few.observed, strict=True):
        assert (each.attributions[~observed] == 0).all()
        assert (each.attributions[observed] != 0).any()


def test_unknown_values_explain_exactly_nothing(few, explained) -> None:
    for each, values in zip(explained, few.values, strict=True):
        assert (each.attributions[np.isnan(values)] == 0).all()


def test_attention_looks_only_at_observed_weeks(few, explained) -> None:
    for each, observed in zip(explained, few.observed, strict=True):
        assert each.attention.shape == (4, 20, 20)
        assert np.allclose(each.attention[:, observed].sum(axis=-1), 1, atol=1e-5)
        assert (each.attention[:, :, ~observed] == 0).all()


def test_the_explained_score_is_the_served_one(version, few, explained) -> None:
    served = serve.load(version).predict(few.values, few.observed)

    assert np.abs([each.score for each in explained] - served.score).max() < 1e-6
    assert [each.tier for each in explained][:1] == [
        ["low", "medium", "high", "critical"][int(explained[0].score * 4)]
    ]


def test_one_student_is_explained_as_among_others(version, few, norms, explained) -> None:
    alone = explain(load_settings(), version, few.values[3], few.observed[3], norms[3])

    assert np.abs(alone.attributions - explained[3].attributions).max() < 1e-4
    assert [f.feature for f in alone.factors] == [f.feature for f in explained[3].factors]


def test_an_explanation_is_plain_json(explained) -> None:
    import json

    value = json.loads(json.dumps(explained[0].as_json(), allow_nan=False))

    assert np.shape(value["attention"]) == (4, 20, 20)
    assert np.shape(value["attributions"]) == (20, 42)
    assert 0 < len(value["factors"]) <= 5


def test_quick_attributions_agree_with_the_exact_ones(version, few, norms, explained) -> None:
    exact = np.stack([each.attributions for each in explained])

    quick = attribution.attribute(
        serve.load(version), few.values, few.observed, norms, points=attribution.POINTS
    )

    assert (quick[exact == 0] == 0).all()
    assert np.corrcoef(quick.ravel(), exact.ravel())[0, 1] > 0.99


def test_a_school_without_a_norm_starts_from_the_training_mean(version, few) -> None:
    nothing = np.full((6, len(NAMES)), np.nan)

    base, _ = attribution.path(serve.load(version).trained, few.values, few.observed, nothing)

    assert (base == 0).all()
