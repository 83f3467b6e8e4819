from pathlib import Path

import pytest

from edupulse_core import files
from edupulse_core.errors import ModelError


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "choice.json"

    files.write(path, '{"version": "a"}')
    files.write(path, '{"version": "b"}')

    assert files.read(path, "damaged") == {"version": "b"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "[1]", "{", "\udcff"])
def test_what_is_no_object_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(ModelError, match=r"the choice is damaged: kept\.json"):
        files.read(path, "the choice is damaged")
