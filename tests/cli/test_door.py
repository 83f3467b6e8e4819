"""Whatever goes wrong, the operator reads one sentence and gets the promised exit code."""

import runpy
import socket
from pathlib import Path

import duckdb
import pytest

from tests.browser.conftest import free_port
from tests.cli.conftest import Edupulse


def test_without_an_import_every_command_says_what_to_do(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["score"], ["features"], ["explain", "x"], ["undo"], ["evaluate", "risk"]):
        code = edupulse(*words)

        said = capsys.readouterr().err
        assert code == 3, words
        assert said.count("\n") == 1, said


def test_a_file_name_that_cannot_be_written_is_refused_before_the_work(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("score", "--out", "scores.xlsx") == 3
    assert edupulse("score", "--out", home / "nowhere" / "scores.csv") == 3
    assert ".csv or .parquet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("toml", "grants", "sentence"),
    [
        ("[attendance]\nchronik_rate = 0.2\n", "[]", "setting 'attendance.chronik_rate': "),
        ("[attendance\n", "[]", "edupulse.toml: "),
        ("", "rivera", "setting 'grants': EDUPULSE_GRANTS is not JSON (Expecting value: "),
        ("", '[{"user": 1}]', "setting 'grants.0.user': "),
    ],
)
def test_a_setting_that_cannot_be_read_is_one_sentence(
    empty_home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    toml: str,
    grants: str,
    sentence: str,
) -> None:
    (empty_home / "edupulse.toml").write_text(toml)
    monkeypatch.setenv("EDUPULSE_GRANTS", grants)

    code = edupulse("score")

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith(f"edupulse: {sentence}") and said.count("\n") == 1


def test_the_package_is_the_same_door(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["edupulse", "versions", "nothing"])

    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("edupulse_core", run_name="__main__")

    assert stopped.value.code == 3
    assert "'nothing'" in capsys.readouterr().err


def test_whoever_looks_for_a_fault_sees_where_it_is(
    home: Path, edupulse: Edupulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for snapshot in (home / "data" / "warehouse").glob("*.duckdb"):
        snapshot.write_bytes(b"not a database")
    monkeypatch.setenv("EDUPULSE_DEBUG", "1")

    with pytest.raises(duckdb.Error):
        edupulse("score")


def test_a_damaged_warehouse_is_one_sentence(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for snapshot in (home / "data" / "warehouse").glob("*.duckdb"):
        snapshot.write_bytes(b"not a database")

    code = edupulse("score")

    assert code == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_wrong_usage_is_exit_2(edupulse: Edupulse) -> None:
    assert edupulse("score", "--what") == 2


def test_serving_without_sign_in_is_refused_off_loopback(
    home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("serve", "--address", "0.0.0.0", "--port", free_port())

    assert code == 4
    assert "identity provider" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_before_an_address_is_promised(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code = edupulse("serve", "--demo", "--port", port)

    said = capsys.readouterr()
    assert code == 3
    assert said.err == f"edupulse: --port {port} is taken by another program; choose another\n"
    assert said.out == ""
    assert not (empty_home / "data").exists()


def test_an_address_that_is_not_this_machines_is_one_sentence(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("serve", "--address", "192.0.2.1", "--port", free_port())  # nobody's (RFC 5737)

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith("edupulse: --address 192.0.2.1 --port ") and said.count("\n") == 1


def test_an_unknown_benchmark_names_those_there_are(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edupulse("bench", "nothing") == 3
    assert "inference" in capsys.readouterr().err
