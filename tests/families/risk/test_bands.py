from dataclasses import replace
from pathlib import Path

import numpy as np

from edupulse_core.config import SHIPPED_MODELS, OutcomeRules, Settings
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk.bands import Band, bands_of, severities, uncertain
from edupulse_core.families.risk.version import verify
from edupulse_core.training.conformal import Bands

BANDS = Bands(0.9, (), (0.6,), rows=100, students=50)
SCORES = np.array([0.05, 0.36, np.nan])
TIERS = np.array([[0.9, 0.05, 0.03, 0.02], [0.3, 0.25, 0.35, 0.1], [np.nan] * 4])


def test_the_severities_of_a_tier_are_those_that_the_flags_can_add_up_to() -> None:
    assert severities(OutcomeRules()) == [(0.0, 0.0), (0.3, 0.4), (0.6, 0.7), (1.0, 1.0)]


def test_a_tier_that_no_flags_add_up_to_spans_its_edges() -> None:
    rules = OutcomeRules(weight_a=0.1, weight_b=0.1, weight_c=0.8)

    assert severities(rules)[1] == (0.25, 0.5)


def test_a_band_says_its_tiers_and_their_severity() -> None:
    sure, unsure, unscored = bands_of(Settings(), BANDS, SCORES, TIERS)

    assert sure == Band("low", "low", (0.0, 0.0), 0.9, uncertain=False)
    # medium is shown (.25 inside), high joins (.6 inside), then low
    assert unsure == Band("low", "high", (0.0, 0.7), 0.9, uncertain=True)
    assert unscored is None
    assert uncertain(Settings(), BANDS, SCORES, TIERS).tolist() == [False, True, False]


def test_a_score_without_probabilities_has_no_band() -> None:
    unknown = np.full_like(TIERS, np.nan)

    assert bands_of(Settings(), BANDS, SCORES, unknown) == [None, None, None]
    assert not uncertain(Settings(), BANDS, SCORES, unknown).any()


def test_a_version_without_bands_shows_none() -> None:
    assert bands_of(Settings(), None, SCORES, TIERS) == [None, None, None]
    assert not uncertain(Settings(), None, SCORES, TIERS).any()


def test_serving_finds_the_bands_that_were_saved_with_a_version(tmp_path: Path) -> None:
    shipped = sorted((SHIPPED_MODELS / "risk").glob("*/manifest.json"))[0].parent
    banded = replace(checkpoint.load(shipped), version="banded", bands=BANDS)
    checkpoint.save(banded, tmp_path / "banded")
    checkpoint.save(replace(banded, version="bare", bands=None), tmp_path / "bare")

    assert verify(tmp_path / "banded").bands == BANDS
    assert verify(tmp_path / "bare").bands is None
