"""Ctrl-C, sent to real processes: one line and exit code 130, whatever it broke."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from edupulse_core.config import REPOSITORY
from tests.browser.conftest import free_port

pytestmark = pytest.mark.slow

Interrupt = Callable[..., tuple[int, str, str]]


@pytest.fixture
def interrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Interrupt:
    """Run `edupulse ...` and send Ctrl-C where `when`, lines of Python, sends it.

    They run before the command line is imported, with `kill()` to send it to the process and its
    children, as a terminal does, and `before(name, act)` to act before a module is imported.
    Returns the exit code and what was printed.
    """

    def run(when: str, *words: str | Path, home: Path) -> tuple[int, str, str]:
        site = tmp_path / "site"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(_SITE + when)
        done = subprocess.run(
            [sys.executable, "-m", "edupulse_core", *map(str, words)],
            cwd=REPOSITORY,
            env=os.environ | {"EDUPULSE_HOME": str(home), "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=100,
            start_new_session=True,
        )
        return done.returncode, done.stdout, done.stderr

    return run


_SITE = """
import os, signal, sys, tempfile, time

def kill():
    os.killpg(0, signal.SIGINT)

class before:
    def __init__(self, name, act):
        self.name, self.act = name, act
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            sys.meta_path.remove(self)
            self.act()

"""
_IN_A_QUERY = """
def act():
    from edupulse_core.warehouse import ingest

    def interrupted(*_, **__):
        try:
            kill()
        except BaseException:
            raise RuntimeError("Query interrupted") from None  # as DuckDB does

    ingest.ingest = interrupted

before("edupulse_core.actions.imports", act)
"""


@pytest.mark.parametrize("module", ["typer", "edupulse_core.config", "duckdb", "sqlalchemy"])
def test_a_stop_while_libraries_are_imported_is_one_line(
    module: str, interrupt: Interrupt, tmp_path: Path
) -> None:
    done = interrupt(f"before({module!r}, kill)", "score", home=tmp_path)

    assert done == (130, "", "edupulse: stopped\n")


def test_a_stop_that_a_library_swallows_comes_again(interrupt: Interrupt, tmp_path: Path) -> None:
    swallowed = """
def act():
    try:
        kill()
    except BaseException:
        pass
    time.sleep(60)

before("duckdb", act)
"""

    done = interrupt(swallowed, "score", home=tmp_path)

    assert done == (130, "", "edupulse: stopped\n")


def test_what_a_stop_breaks_is_no_fault(interrupt: Interrupt, tmp_path: Path) -> None:
    broken = """
def act():
    try:
        kill()
    except BaseException:
        raise ValueError("half imported") from None

before("duckdb", act)
"""

    assert interrupt(broken, "score", home=tmp_path) == (130, "", "edupulse: stopped\n")


_CLEANING_UP = """
def act():
    try:
        kill()
    finally:
        signal.raise_signal(signal.SIGALRM)  # as the timer does
        print("cleaned up", flush=True)
        kill()
        print("whatever is asked", flush=True)

before("duckdb", act)
"""


def test_only_a_second_stop_cuts_cleaning_up_short(interrupt: Interrupt, tmp_path: Path) -> None:
    done = interrupt(_CLEANING_UP, "score", home=tmp_path)

    assert done == (130, "cleaned up\n", "edupulse: stopped\n")


def test_a_stopped_benchmark_cleans_up_and_says_so_once(
    interrupt: Interrupt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = """
def act():
    with tempfile.TemporaryDirectory():
        try:
            kill()
        finally:
            time.sleep(0.3)  # long enough to be ended by whoever waits for it

before("tests.benchmarks.kept", act)
"""
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setenv("TMPDIR", str(places))

    done = interrupt(at_work, "bench", "score", home=tmp_path)

    assert done == (130, "", "edupulse: stopped\n")
    assert not list(places.iterdir())


@pytest.mark.parametrize("command", ["ingest", "nightly"])
def test_a_stopped_import_says_that_nothing_was_published(
    command: str, interrupt: Interrupt, tmp_path: Path
) -> None:
    (tmp_path / "bundle").mkdir()

    done = interrupt(_IN_A_QUERY, command, tmp_path / "bundle", home=tmp_path)

    assert done == (130, "", "edupulse: stopped; nothing was published\n")


def test_a_stop_after_the_import_does_not_deny_it(interrupt: Interrupt, home: Path) -> None:
    published = home / "data" / "warehouse" / "current.json"
    before = published.read_bytes()
    after_import = f"""
def act():
    from edupulse_core.warehouse import ingest

    def published(*_, **__):
        open({str(published)!r}, "ab").write(b" ")
        kill()

    ingest.ingest = published

before("edupulse_core.actions.imports", act)
"""

    done = interrupt(after_import, "nightly", home / "data" / "demo", home=home)

    assert done == (130, "", "edupulse: stopped\n")
    assert published.read_bytes() != before


def answers(port: str) -> bool:
    """Whether a server is up there."""
    try:
        return urlopen(f"http://127.0.0.1:{port}/_stcore/health").status == 200
    except OSError:
        return False


def test_a_stopped_server_says_so_and_what_is_odd_about_its_grants(home: Path) -> None:
    grant = '[[grants]]\nuser = "pia"\nrole = "principal"\n'
    (home / "edupulse.toml").write_text(grant)
    port = str(free_port())
    with subprocess.Popen(
        [sys.executable, "-m", "edupulse_core", "serve", "--port", port],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout and server.stderr
        assert port in server.stdout.readline()
        while not answers(port):
            assert server.poll() is None
        server.send_signal(signal.SIGINT)

        assert server.wait() == 130
        doubt, stopped = server.stderr.read().splitlines()
        assert doubt.startswith("edupulse: pia is granted principal")
        assert stopped == "edupulse: stopped"
