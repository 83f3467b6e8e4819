"""What the command line says before somebody relies on a score."""

from datetime import date
from pathlib import Path

from edupulse_core.actions.scores import cautions
from edupulse_core.config import Settings
from tests.queries.conftest import build_home, score_cast
from tests.queries.conftest import home as home


def test_current_scores_of_the_demo_need_no_caution(home: Settings) -> None:
    assert cautions(home) == []


def test_old_data_and_a_version_that_was_never_tested_here_are_told(tmp_path: Path) -> None:
    settings = build_home(tmp_path, is_demo=False)
    score_cast(settings)

    later = settings.model_copy(update={"import_day": date(2026, 12, 28)})
    old, untested = cautions(later)

    assert "from Nov 15, 2026, 6 weeks ago" in old
    assert "`edupulse evaluate risk`" in untested
