"""A real server, a real Chromium, and a small demo district that was really scored."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from edupulse_core.config import REPOSITORY, Settings, load_settings

PATIENCE = 60_000  # milliseconds; a busy machine is slow, and only a failure waits that long
AT_REST = """
asked => {
    const app = document.querySelector('[data-testid=stApp]')
    const state = app?.dataset ?? {}
    const moving = document.getAnimations().some(one =>
        one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity)
    const busy = moving || document.fonts.status !== 'loaded'
        || state.testConnectionState !== 'CONNECTED' || state.testScriptState !== 'notRunning'
        || app.querySelector('[data-stale=true], [data-testid=stSkeleton]')
    const seen = document.body.innerHTML
    const last = window.lastFrame ?? {}
    const same = !busy && last.asked === asked && last.seen === seen
    window.lastFrame = {asked, seen, alike: same ? last.alike + 1 : 0}
    return window.lastFrame.alike >= 10
}
"""
FORGET = """
if (location.protocol.startsWith('http')) {
    localStorage.clear()
    sessionStorage.clear()
}
"""
expect.set_options(timeout=PATIENCE)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Served:
    """A running dashboard."""

    url: str
    settings: Settings


@dataclass(frozen=True)
class Outside:
    """A server that lets one connect and never answers."""

    listener: socket.socket

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def asked(self) -> str:
        """What somebody asked of it, the first who has not been told of yet; empty if nobody."""
        try:
            connection, _ = self.listener.accept()
        except BlockingIOError:
            return ""
        with connection:
            connection.settimeout(5)
            return connection.recv(1000).decode(errors="replace")


@contextmanager
def serve(settings: Settings, *, port: int | None = None, **more: str) -> Iterator[Served]:
    """Run `edupulse serve` on a home until the block ends; more: of its environment."""
    port = port or free_port()
    command = [sys.executable, "-m", "edupulse_core", "serve", "--port", str(port)]
    environment = {"EDUPULSE_HOME": str(settings.home), "OMP_NUM_THREADS": "1", **more}
    url = f"http://localhost:{port}"
    log = settings.home / "server.log"
    with running(command, f"{url}/_stcore/health", log, environment):
        yield Served(url, settings)


@contextmanager
def running(
    command: list[str], ready: str, log: Path, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """Run a server until the block ends; its address `ready` answers when it is."""
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            env={**os.environ, **more},
            cwd=REPOSITORY,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(ready, server, log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 2 * PATIENCE / 1000
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


@contextmanager
def identity_provider(emails: Sequence[str], log: Path) -> Iterator[str]:
    """An OpenID Connect provider at which one chooses who to be; its address."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    for email in emails:
        claims = {"sub": email, "email": email, "email_verified": True}
        command += ["--user-claims", json.dumps(claims)]
    with running(command, f"http://localhost:{port}/.well-known/openid-configuration", log):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="package")
def outside() -> Iterator[Outside]:
    """All of the world outside."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Outside(listener)


@pytest.fixture(scope="package")
def demo(
    learned_home: Settings, outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The demo district on screen, with its persona picker and a version of most families.

    Its way to the world outside leads to `outside`.
    """
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(learned_home.home, home)
    ways = {"http_proxy": outside.url, "https_proxy": outside.url, "no_proxy": "localhost"}
    with serve(load_settings(home=home), **ways) as served:
        yield served


@pytest.fixture(scope="package")  # while it is there, no other test can run an event loop
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all tests: it has the scripts of the pages compiled already."""
    yield from new_tab(browser)


def new_tab(browser: Browser) -> Iterator[Page]:
    """A tab of a browser of its own."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """A browser as somebody new has it: no cookies, nothing stored, 1440 pixels wide."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.emulate_media(color_scheme="light")
    yield tab
    for other in tab.context.pages:
        if other is not tab:
            other.close()
    tab.evaluate(FORGET)
    tab.goto("about:blank")
    tab.context.clear_cookies()


def settled(page: Page) -> Page:
    """Wait until the page has come to rest: its script has run, and ten frames were drawn alike.

    Whoever has just clicked waits first for what the click brings: a page that has not yet heard of
    it is at rest too.
    """
    page.wait_for_function(AT_REST, arg=time.monotonic())
    return page


def eventually(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something that no locator can expect holds, such as where parts stand."""
    until = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < until, "the page came to rest in another state"
        page.wait_for_function("true")  # the next frame


_chosen: dict[tuple[str, str, str | None], Any] = {}


def look_as(page: Page, served: Served, role: str, name: str | None = None, path: str = "") -> Page:
    """Open an address as one of the demo's staff: 'counselor', 'teacher', 'principal', ...

    Only the first test that asks for somebody chooses them; the server knows the browser of the
    others by the cookies that the first one got.
    """
    somebody = served.url, role, name
    if somebody in _chosen:
        page.context.add_cookies(_chosen[somebody])
        page.goto(f"{served.url}/{path}")
    else:
        choose(page, served, role, name, path)
        _chosen[somebody] = page.context.cookies()
    expect(page.get_by_role("button", name="Switch role")).to_be_visible()
    return settled(page)


def choose(page: Page, served: Served, role: str, name: str | None = None, path: str = "") -> None:
    """Come without cookies, and choose who to be."""
    page.goto(f"{served.url}/{path}")
    settled(page)
    if name is not None:
        chooser = page.get_by_role("combobox", name=role, exact=False)
        chooser.click()
        chooser.fill(name)
        page.get_by_role("option", name=name, exact=True).first.click()
        settled(page)
    page.get_by_role("button", name=f"Open as {role}", exact=True).click()
    expect(page.get_by_role("button", name="Switch role")).to_be_visible()
    settled(page)
