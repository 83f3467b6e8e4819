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


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = files.write(tmp_path / "kept.txt", "old")

    with pytest.raises(KeyError), files.replacing(path) as half:
        half.write_text("new")
        raise KeyError

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = files.write(tmp_path / "kept.txt", "old")

    with files.replacing(path) as half:
        half.write_text("new")
        assert path.read_text() == "old"

    assert path.read_text() == "new"


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(KeyError), files.new_folder(tmp_path / "v1") as half:
        (half / "a").touch()
        raise KeyError
    assert list(tmp_path.iterdir()) == []

    with files.new_folder(tmp_path / "v1") as half:
        (half / "a").touch()
        assert not (tmp_path / "v1").exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "v1"]
    assert (tmp_path / "v1" / "a").exists()
