"""The made-up school, its examples and a network of a few numbers."""

import pytest

from edupulse_core.families.family import Run, Split
from edupulse_core.families.path.algorithms import ALGORITHMS, PathModel, SequencePlan
from edupulse_core.families.path.examples import PathExamples, read
from edupulse_core.families.path.family import PATH
from edupulse_core.training.loop import LoopOptions
from tests.families.path.school import school

TINY = SequencePlan(
    embedding=8,
    hidden=12,
    layers=1,
    dropout=0.0,
    width=3,
    taught=2,
    most=60,
    loop=LoopOptions(epochs=4, batch=32, learning_rate=1e-2),
)


@pytest.fixture(scope="session")
def cases() -> PathExamples:
    return read(school())


@pytest.fixture(scope="session")
def split(cases: PathExamples) -> Split[PathExamples]:
    return PATH.splits(cases)[0]


@pytest.fixture(scope="session")
def models(split: Split[PathExamples]) -> dict[str, PathModel]:
    """Every algorithm, trained."""
    plans = {name: each.plan() for name, each in ALGORITHMS.items()} | {"seq2seq": TINY}
    return {name: each.fit(split, plans[name], Run()) for name, each in ALGORITHMS.items()}
