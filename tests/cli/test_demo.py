"""Fictional districts, from the operator's door: announced, and never mixed with others."""

import shutil
from pathlib import Path

import pytest

from edupulse_core import demo
from edupulse_core.actions import night
from edupulse_core.config import load_settings
from edupulse_core.errors import ModelError
from edupulse_core.store import districts
from edupulse_core.store.database import open_store
from tests import bundles
from tests.cli.conftest import Audited, Edupulse


def test_a_real_district_never_joins_the_demo(
    home: Path, edupulse: Edupulse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "real"
    shutil.copytree(home / "data" / "demo", bundle)
    manifest = (bundle / "manifest.csv").read_text()
    (bundle / "manifest.csv").write_text(manifest.replace("edupulse.demo", "x"))

    code = edupulse("ingest", bundle)

    assert code == 4
    assert "never share a home" in capsys.readouterr().err


DEMO = {"edupulse.demo": "true"}


def test_whoever_imports_a_demo_is_told_each_time_that_nobody_signs_in(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ("ingest", "ingest --json"):  # of a night, below
        code = edupulse(*words.split(), home / "data" / "demo")

        said = capsys.readouterr()
        assert code == 0, words
        assert f"{home / 'data' / 'demo'} IS MARKED AS A DEMO (edupulse.demo in its " in said.err
        assert "nobody has to sign in" in said.err and said.err.count("\n") == 1
        assert "MARKED" not in said.out


def test_a_demo_is_announced_also_on_a_night_that_ends_without_scores(
    home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModelError("the model is damaged")

    monkeypatch.setattr(night, "score_week", fail)

    code = edupulse("nightly", home / "data" / "demo")

    announced, problem = capsys.readouterr().err.splitlines()
    assert code == 3
    assert "IS MARKED AS A DEMO" in announced and problem == "edupulse: the model is damaged"


def test_a_bundle_that_is_no_demo_says_nothing_of_it(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    edupulse("ingest", bundles.write(empty_home / "bundle", bundles.small()))

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("more", ["before", "after"])
def test_a_demo_whose_people_are_mostly_others_is_refused(
    more: str,
    empty_home: Path,
    edupulse: Edupulse,
    audited: Audited,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def bundle(name: str, *, renamed: int, has_more: bool) -> Path:
        files = bundles.small()
        files["users"].append(bundles.user("cy", "Cy", "student"))
        for user in files["users"][:renamed]:
            user["givenName"] = "Zoe"
        if has_more:
            files["users"] += [bundles.user(f"s{n}", "Sam", "student") for n in range(9)]
        return bundles.write(empty_home / name, files, properties=DEMO)

    assert edupulse("ingest", bundle("one", renamed=0, has_more=more == "before")) == 0
    current = empty_home / "data" / "warehouse" / "current.json"
    before = current.read_text()
    other = bundle("other", renamed=3, has_more=more == "after")
    capsys.readouterr()

    assert edupulse("ingest", other) == 4
    assert "other is a different fictional district" in capsys.readouterr().err
    assert current.read_text() == before
    noted = [one.details for one in audited(empty_home, "refused import")]
    assert noted == [{"gate": "another demo"}]

    assert edupulse("ingest", bundle("like", renamed=2, has_more=more == "after")) == 0
    assert "fictional district from" not in capsys.readouterr().err
    assert current.read_text() != before


def test_the_same_demo_a_week_later_is_no_other(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for end, years in ("2025-11-16", 1), ("2025-11-23", 2):
        out = empty_home / f"to-{end}"
        few = ("--students", 30, "--weeks", 4, "--years", years)
        edupulse("demo", "--out", out, *map(str, few), "--end", end)

        assert edupulse("ingest", out, "--replace") == 0, capsys.readouterr().err


def test_a_demo_for_a_real_district_is_noted_as_refused(
    empty_home: Path, edupulse: Edupulse, audited: Audited
) -> None:
    districts.note_import(open_store(load_settings()), "Real", False)
    bundle = bundles.write(
        empty_home / "bundle", bundles.small(), properties={"edupulse.demo": "true"}
    )

    assert edupulse("ingest", bundle) == 4
    assert [one.details for one in audited(empty_home, "refused import")] == [
        {"gate": "demo and real"}
    ]


def test_a_demo_is_written_over_a_demo_and_over_nothing_else(
    tmp_path: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--students", "30", "--years", "1", "--weeks", "8")

    assert edupulse("demo", "--out", tmp_path / "demo", *few) == 0
    assert capsys.readouterr().out == f"Wrote a district of 30 students to {tmp_path / 'demo'}\n"
    assert edupulse("demo", "--out", tmp_path / "demo", *few, "--seed", "3") == 0
    assert edupulse("demo", "--out", tmp_path, *few) == 4
    assert "holds no demo" in capsys.readouterr().err


def test_what_a_kill_left_is_gone_with_the_next_district(
    tmp_path: Path, edupulse: Edupulse
) -> None:
    left = tmp_path / demo.UNFINISHED
    for name in ("made", "before"):
        (left / name).mkdir(parents=True)
        (left / name / "caseloads.csv").write_text("of another district")

    code = edupulse("demo", "--out", tmp_path, "--students", "30", "--years", "1", "--weeks", "1")

    assert code == 0
    assert not left.exists()
    assert "another district" not in (tmp_path / "caseloads.csv").read_text()
