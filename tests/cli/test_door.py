"""Whatever goes wrong, the operator reads one sentence and gets the promised exit code."""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from streamlit import config
from streamlit.runtime.secrets import Secrets

from app import provider
from edupulse_core.config import REPOSITORY
from edupulse_core.store.database import open_store
from edupulse_core.store.districts import note_import
from edupulse_core.warehouse import snapshots
from tests import people
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
        ("[attendance\n", "[]", "edupulse.toml, line 1, column 12: cannot be read; "),
        ("threads 2", "[]", "edupulse.toml, line 1, column 9: cannot be read; "),
        ("threads = 2\nthreads = 3", "[]", "edupulse.toml, at its end: cannot be read; "),
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


def test_a_file_of_settings_that_is_no_text_is_named(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = empty_home / "edupulse.toml"
    toml.write_bytes(b"# caf\xe9\n")

    assert edupulse("score") == 3
    assert capsys.readouterr().err == f"edupulse: {toml} is not UTF-8: byte 6\n"

    toml.unlink()
    toml.mkdir()

    assert edupulse("score") == 3
    assert capsys.readouterr().err == f"edupulse: {toml} is a folder, not a file of settings\n"


@pytest.mark.parametrize("command", ["score", "undo"])
def test_a_store_that_cannot_be_written_is_named_and_nothing_is_taken_back(
    command: str,
    home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    published = home / "data" / "warehouse" / "current.json"
    pointer = json.loads(published.read_text())
    published.write_text(json.dumps(pointer | {"previous": [pointer["version"]]}))
    before = published.read_bytes()
    store = f"file:{home / 'data' / 'store.db'}"
    monkeypatch.setenv("EDUPULSE_DATABASE_URL", f"sqlite:///{store}?mode=ro&uri=true")
    monkeypatch.chdir(home)  # to SQLAlchemy the address is a relative path

    code = edupulse(command)

    said = capsys.readouterr().err
    assert code == 3
    assert said == f"edupulse: {store} cannot be written: attempt to write a readonly database\n"
    assert published.read_bytes() == before


def test_the_package_is_the_same_door(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["edupulse", "versions", "nothing"])

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("edupulse_core", run_name="__main__")
    signal.signal(signal.SIGINT, before)

    assert stopped.value.code == 3
    assert "'nothing'" in capsys.readouterr().err


def broken(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device", "/somewhere")


def test_whoever_looks_for_a_fault_sees_where_it_is(
    home: Path, edupulse: Edupulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "current", broken)
    monkeypatch.setenv("EDUPULSE_DEBUG", "1")

    with pytest.raises(OSError, match="No space left"):
        edupulse("score")


def test_the_last_door_holds_where_no_settings_can_be_read(
    empty_home: Path,
    edupulse: Edupulse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken_too(*_: object) -> None:
        (empty_home / "edupulse.toml").write_text("][")
        broken()

    monkeypatch.setattr(snapshots, "current", broken_too)

    code = edupulse("score")

    said = capsys.readouterr().err
    assert code == 1
    assert "No space left on device" in said and said.count("\n") == 1


@pytest.mark.parametrize("name", ["*.duckdb", "current.json"])
@pytest.mark.parametrize("words", [["score"], ["features"], ["undo"], ["ingest"]])
def test_a_damaged_warehouse_is_one_sentence_that_says_what_to_do(
    name: str,
    words: list[str],
    home: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
) -> None:
    warehouse = home / "data" / "warehouse"
    for path in warehouse.glob(name):
        path.write_bytes(bytes(range(256)) * 64)
    if words == ["undo"] and name == "*.duckdb":
        pointer = json.loads((warehouse / "current.json").read_text())
        (warehouse / "current.json").write_text(
            json.dumps(pointer | {"previous": [pointer["version"]]})
        )
    before = {path.name for path in warehouse.iterdir()}

    code = edupulse(*words, *([home / "data" / "demo"] if words == ["ingest"] else []))

    said = capsys.readouterr().err
    assert code == 3, said
    assert f"is damaged: move {warehouse} away" in said and "`edupulse ingest`" in said
    assert said.count("\n") == 1
    assert {path.name for path in warehouse.iterdir()} == before


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"version": 1, "previous": []}',
        '{"version": "v", "previous": [], "undone": [1]}',
        "null",
    ],
)
def test_a_pointer_that_points_nowhere_is_damaged(
    text: str, home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    pointer = home / "data" / "warehouse" / "current.json"
    pointer.write_text(text)

    assert edupulse("score") == 3
    assert f"{pointer} is damaged" in capsys.readouterr().err


def test_damaged_features_are_built_again(home: Path, edupulse: Edupulse) -> None:
    for features in (home / "data" / "warehouse").glob("*.features.duckdb"):
        features.write_bytes(b"not a database")

    assert edupulse("features") == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("serve --port abc", "--port: 'abc' is not a whole number"),
        ("serve --port 0", "--port: '0' is less than 1"),
        ("serve --port 65536", "--port: '65536' is more than 65535"),
        ("serve --port", "option '--port' requires an argument"),
        ("score --as-of yesterday", "--as-of: 'yesterday' is not a date such as 2026-01-31"),
        ("score --as-of 2026-02-29", "--as-of: '2026-02-29' is not a date such as 2026-01-31"),
        ("demo --out x --end 1", "--end: '1' is not a date such as 2026-01-31"),
        ("score --what", "no such option: --what; `edupulse score --help` lists"),
        ("ingest", "missing argument 'path'; `edupulse ingest --help` lists"),
        ("ingst x", "no such command 'ingst'. Did you mean 'ingest'?"),
        ("rejects x", "to write the rows of an import, add --out FILE"),
        ("bench nothing", "no benchmark 'nothing'; there are "),
        (
            "bench --full networks",
            "no such option: --full; `edupulse bench --help` lists",
        ),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(
    words: str,
    sentence: str,
    empty_home: Path,
    edupulse: Edupulse,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = edupulse(*words.split())

    said = capsys.readouterr()
    assert code == 2
    assert said.err.startswith(f"edupulse: {sentence}") and said.err.count("\n") == 1
    assert said.out == ""


def test_help_is_shown_when_it_or_nothing_is_asked_for(
    edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, code in (["--help"], 0), (["score", "--help"], 0), ([], 2):
        assert edupulse(*words) == code

        said = capsys.readouterr()
        assert "Usage: edupulse" in said.out and said.err == ""


def test_a_benchmark_is_given_all_that_follows_its_name(
    empty_home: Path, edupulse: Edupulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def become(program: str, command: list[str], environment: dict[str, str]) -> NoReturn:
        asked.append(command[2:])
        raise SystemExit(4)

    monkeypatch.setattr(os, "execve", become)

    code = edupulse("bench", "networks", "--full", "--data", "here", "--json", "--help")

    assert code == 4
    assert asked == [
        [
            "edupulse_core.stopping",
            "tests.benchmarks.bench_networks",
            "--full",
            "--data",
            "here",
            "--json",
            "--help",
        ]
    ]


def test_a_server_answers_each_question_on_one_core_and_a_benchmark_uses_all(
    empty_home: Path, edupulse: Edupulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str | None] = []

    def become(program: str, command: list[str], environment: dict[str, str]) -> NoReturn:
        told.append(environment.get("OMP_NUM_THREADS"))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    edupulse("api", "--port", free_port())
    edupulse("bench", "networks")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    edupulse("api", "--port", free_port())

    assert told == ["1", None, "2"]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    """`edupulse bench ...`, as a process."""
    return subprocess.run(
        [sys.executable, "-m", "edupulse_core", "bench", *words],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
    )


def test_a_benchmark_refuses_an_option_that_is_not_its_own(empty_home: Path) -> None:
    done = bench("score", "--data", "x")

    assert (done.returncode, done.stdout) == (2, "")
    assert "unrecognized arguments: --data x; `edupulse bench score --help`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_given_to_a_benchmark_is_of_the_caller_s_whatever_else_lies_there(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_home / "here").mkdir()
    (empty_home / "tests").mkdir()
    (empty_home / "tests" / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.chdir(empty_home)

    done = bench("outcomes", "--data", "here", "--parts", "hsls")

    assert done.returncode == 3
    assert "there is no file here/hsls09/" in done.stderr and "RuntimeError" not in done.stderr


@pytest.fixture
def fresh_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Streamlit reads secrets once a process: what a refused server read ends with its test."""
    before = config.get_option("secrets.files")
    monkeypatch.setattr(provider.st, "secrets", Secrets())
    yield
    config.set_option("secrets.files", before)


def test_serving_without_sign_in_is_refused_off_loopback(
    fresh_secrets: None, home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("serve", "--address", "0.0.0.0", "--port", free_port())

    assert code == 4
    said = " ".join(capsys.readouterr().err.split())
    assert "identity provider" in said and "only on this machine" in said


def test_a_real_district_without_identity_provider_does_not_open(
    fresh_secrets: None, empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    note_import(open_store(people.home(empty_home)), "Two Schools", is_demo=False)

    code = edupulse("serve", "--port", free_port())

    said = capsys.readouterr().err
    assert code == 4
    assert "Configure an identity provider" in said and "Traceback" not in said


def test_half_an_identity_provider_is_none(
    fresh_secrets: None, empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    note_import(open_store(people.home(empty_home, is_demo=True)), "Demo", is_demo=True)
    (empty_home / ".streamlit").mkdir()
    secrets = empty_home / ".streamlit" / "secrets.toml"
    secrets.write_text('[auth]\nclient_id = "edupulse"\n', encoding="utf-8")

    code = edupulse("serve", "--port", free_port())

    assert code == 4
    assert "lacks redirect_uri, client_secret" in " ".join(capsys.readouterr().err.split())


def test_a_port_that_is_taken_is_named_before_an_address_is_promised(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code = edupulse("serve", "--demo", "--port", port)

    said = capsys.readouterr()
    assert code == 3
    assert said.err.startswith(f"edupulse: --port {port} is in use") and said.err.count("\n") == 1
    assert said.out == ""
    assert not (empty_home / "data").exists()


def test_an_address_that_is_not_this_machines_is_one_sentence(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    code = edupulse("serve", "--address", "192.0.2.1", "--port", free_port())  # nobody's (RFC 5737)

    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith("edupulse: --address 192.0.2.1 --port ") and said.count("\n") == 1


def test_a_benchmark_says_what_is_wrong_with_the_settings(
    empty_home: Path, edupulse: Edupulse, capsys: pytest.CaptureFixture[str]
) -> None:
    (empty_home / "edupulse.toml").write_text("[imports]\nkeep_reject = 1\n", encoding="utf-8")

    assert edupulse("bench", "score", "--quick") == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_only_who_runs_it_can_read_what_is_written(home: Path, edupulse: Edupulse) -> None:
    assert edupulse("demo", "--out", home / "made", "--students", "30", "--weeks", "2") == 0

    made = [home / "made", *(home / "made").rglob("*")]
    assert len(made) > 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)
