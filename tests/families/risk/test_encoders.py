"""Another encoder is trained, kept, exported, served and explained as the GRUs are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.config import load_settings
from edupulse_core.errors import ModelError
from edupulse_core.families.family import Run, Split
from edupulse_core.families.risk import checkpoint, pruning, serve
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.algorithms import ALGORITHMS
from edupulse_core.families.risk.explain import explain_all
from edupulse_core.training import plans
from tests.families.risk.small import PLAN
from tests.families.risk.test_fit import examples

SPLIT = Split(examples(200, 0), examples(100, 1), examples(40, 2))


@pytest.fixture(scope="module", params=["transformer", "tcn"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of an encoder, with its ONNX files."""
    plan = plans.changed(PLAN, {"encoder": request.param})
    model = ALGORITHMS["network"].fit(
        SPLIT, replace(plan, loop=replace(plan.loop, epochs=1)), Run()
    )
    made = tmp_path_factory.mktemp("encoders") / request.param
    checkpoint.save(model, made)
    serve.export(made)
    return made


def test_every_form_gives_the_scores_of_training(folder: Path) -> None:
    test = SPLIT.test
    score, levels = risk_fit.probabilities(checkpoint.load(folder), test)

    for form, near in (("eager", 1e-5), ("onnx", 1e-5), ("int8", 0.05)):
        said = serve.load(folder, form=form)

        assert said.form == form
        found = said.predict(test.values, test.observed)
        assert np.abs(found.score - score).max() < near
        assert np.abs(found.probabilities - levels).max() < near


def test_its_reasons_add_up_to_the_score(folder: Path) -> None:
    test = SPLIT.test
    norms = np.zeros((len(test), test.values.shape[2]))

    found = explain_all(load_settings(), folder, test.values[:4], test.observed[:4], norms[:4])

    assert max(each.completeness_error for each in found) < 0.01
    assert all(each.attributions.any() for each in found)


def test_only_a_network_of_grus_is_pruned(folder: Path) -> None:
    with pytest.raises(ModelError, match=f"not one with a {folder.name}"):
        pruning.pruned(checkpoint.load(folder).network, 0.5)
