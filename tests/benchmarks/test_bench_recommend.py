"""The recommenders' benchmark: its protocols on small made-up files, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from edupulse_core.config import load_settings
from edupulse_core.errors import MissingError, SourceError
from tests.benchmarks import bench_recommend, recommending


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Forty learners of two tastes, as both kinds of files."""
    rng = np.random.default_rng(0)
    rows = [
        (who, thing)
        for who in range(40)
        for thing in sorted(rng.choice(15, 9, replace=False) + 15 * (who % 2))
    ]
    folder = tmp_path / "ml100k"
    folder.mkdir()
    lines = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    lines += [f"{who}\t{thing}\t4\t{1000 * who + thing}" for who, thing in rows]
    (folder / "ml-100k.inter").write_text("\n".join(lines) + "\n")
    folder = tmp_path / "lastfm"
    folder.mkdir()
    last = {who: int(rng.choice([t for w, t in rows if w == who])) for who in range(40)}
    train = [f"{who}\t{thing}\t1" for who, thing in rows if last[who] != thing]
    others = {
        who: "\t".join(map(str, range(15 * (1 - who % 2), 15 * (2 - who % 2)))) for who in last
    }
    (folder / "lastfm.train.rating").write_text("\n".join(train))
    (folder / "lastfm.test.rating").write_text("\n".join(f"{w}\t{t}\t1" for w, t in last.items()))
    (folder / "lastfm.test.negative").write_text(
        "\n".join(f"({who},{last[who]})\t{others[who]}" for who in last)
    )
    return tmp_path


def test_a_way_that_knows_tastes_is_ahead_of_popularity(data: Path, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")

    found = bench_recommend.run(settings, data=data, parts=("ml100k", "lastfm"), quick=True)

    movies, held = found["ml100k"]["ndcg"], found["lastfm"]["all"]
    assert movies[recommending.SERVED]["value"] > movies["popularity"]["value"]
    assert held["EASE"]["hr"]["value"] > 0.9
    assert {row["way"] for row in bench_recommend.tables(found)[0]["rows"]} >= {"EASE", "NCF"}


def test_a_thing_that_ties_with_another_counts_as_lost() -> None:
    case = recommending.LeaveOneOut(
        sparse.csr_matrix((1, 12)), np.array([0]), np.arange(1, 12)[None]
    )
    ahead, tied = np.zeros((1, 12)), np.zeros((1, 12))
    ahead[0, 0] = 1.0

    assert recommending.among(ahead, case)["ndcg"].tolist() == [1.0]
    assert recommending.among(tied, case)["hr"].tolist() == [0.0]


def test_what_is_held_out_is_not_in_what_is_left() -> None:
    x = sparse.csr_matrix(np.array([[1, 1, 0], [0, 0, 1], [1, 1, 1]], float))

    left, held = recommending.one_each(x, 0)

    assert held.sum(axis=1).ravel().tolist() == [[1, 0, 1]]
    assert ((left + held) != x).nnz == 0


def test_without_the_files_it_says_which_are_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"ml-100k\.inter"):
        recommending.read_movies(tmp_path)
    with pytest.raises(MissingError, match=r"lastfm\.train\.rating"):
        recommending.read_held(tmp_path, "lastfm", "lastfm")


def test_a_file_that_is_not_what_it_should_be_is_refused(data: Path) -> None:
    (data / "ml100k" / "ml-100k.inter").write_text("user_id:token\titem_id:token\n1\t2\n")
    (data / "lastfm" / "lastfm.test.negative").write_text("(0,1)\t2\t3\n(1,2)\t4\n")

    with pytest.raises(SourceError, match="timestamp"):
        recommending.read_movies(data)
    with pytest.raises(SourceError, match="as many"):
        recommending.read_held(data, "lastfm", "lastfm")
