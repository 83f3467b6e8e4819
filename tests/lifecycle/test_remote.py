"""On workers of Ray a search finds the same, and the work of a lost worker is done again."""

import os
import signal
from pathlib import Path

import pytest

from edupulse_core.actions.models import train_version
from edupulse_core.actions.tuning import tune_family
from edupulse_core.config import Settings
from edupulse_core.errors import ConfigError, RefusedError
from edupulse_core.lifecycle import registry, remote
from edupulse_core.lifecycle.tuning import Search
from edupulse_core.people.actor import OPERATOR
from tests.families.path.home import home_with_paths

pytest.importorskip("ray", reason="the extra `ray` is not installed")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home_with_paths(tmp_path_factory.mktemp("remote"), students=130)


def test_two_workers_of_which_one_is_killed_finish_all_work_and_tell_what_was_refused(
    tmp_path: Path,
) -> None:
    def square(number: int) -> tuple[int, int]:
        began = tmp_path / str(number)
        if number == 1 and not began.exists():
            began.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number * number, os.getpid()

    def refuse() -> None:
        raise RefusedError("too few cases")

    found = {}
    with remote.workers(2) as pool:
        running = {pool.begin(square, number): number for number in range(4)}
        while running:
            for each in pool.ended(running):
                found[running.pop(each)] = pool.result(each)
        with pytest.raises(RefusedError, match="^too few cases$"):
            pool.result(pool.begin(refuse))

    assert {number: value for number, (value, _) in found.items()} == {0: 0, 1: 1, 2: 4, 3: 9}
    assert os.getpid() not in {worker for _, worker in found.values()}
    assert (tmp_path / "1").exists()


@pytest.mark.slow
def test_a_search_and_a_training_find_the_same_numbers_as_without_it(home: Settings) -> None:
    def values(engine: str) -> dict[int, tuple[float, ...]]:
        wanted = Search("grid", trials=3, workers=2, name=engine, engine=engine)  # type: ignore[arg-type]
        study, _ = tune_family(OPERATOR, home, "path", wanted, algorithm="lookahead", train=False)
        return {each.params["width"]: each.folds for each in study.trials}

    assert values("ray") == values("processes")
    here, there = (
        train_version(OPERATOR, home, "path", algorithm="lookahead", engine=engine)
        for engine in ("", "ray")
    )
    assert here["gain"] == there["gain"]
    assert registry.version_folder(home, "path", there["version"]).is_dir()


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ConfigError, match="processes or ray"):
        Search(engine="steam")  # type: ignore[arg-type]
