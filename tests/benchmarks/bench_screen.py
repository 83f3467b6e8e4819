"""What a counselor waits for, in a real Chromium, beside an empty Streamlit page in the same run.

`edupulse bench screen [--quick] [--json]`. Time to the first ranked row, filter
click to the new rows, and the same click with 20 people at once: in 20 browsers, and by the server
alone, which 20 recorded browsers ask again. Then, by the server alone, 30 people who open as many
students in the same moment, and 50 who filter. Everything runs on this machine, browsers included;
the district lead looks, who sees every student. A list that was asked for before comes from memory.
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright
from rich.console import Console
from rich.table import Table

from edupulse_core.actions.demo import setup_demo
from edupulse_core.actions.scores import draw_week
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.people.actor import OPERATOR
from edupulse_core.warehouse import snapshots
from tests.benchmarks import replay
from tests.benchmarks.command import carry_out
from tests.browser.conftest import ARGUMENTS, free_port

SIZES = (1200, 20_000)
ROUNDS = 5  # fresh browsers
CLICKS = 20
PEOPLE = 20
CLICKS_EACH = 5
OPENING = 30  # people who open a student in the same moment
FILTERING = 50  # people who filter in the same moment
WAVES = 2  # times that they do it
THINK = 2.0  # seconds between a person's clicks, on average
WARM = 5.0  # seconds after a server's first page, when it has begun to load more
SCORED = """
    select student_id from student_weeks
    where week_start = (select max(week_start) from student_weeks) and known_weeks >= 4
    order by hash(student_id)
"""
EMPTY = 'import streamlit as st\nst.write("empty")\n'
SERVED = ["--server.address", "127.0.0.1", "--server.headless", "true"]
PAINTED = """() => {
    const tables = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
    const row = tables.map(one => one.shadowRoot?.querySelector('tbody tr')).find(one => one);
    const line = [...document.querySelectorAll('p')].find(p => / of [0-9,]+$/.test(p.innerText));
    return row && row.offsetHeight && line ? line.innerText : null;
}"""
CHANGED = "before => { const now = (" + PAINTED + ")(); return now && now !== before; }"
FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def run(settings: Settings, *, quick: bool = False) -> dict[str, Any]:
    """Seconds by district size; homes are built in a folder of their own and removed."""
    sizes = SIZES[:1] if quick else SIZES
    return {f"{size}": _measure(size, quick) for size in sizes}


def _measure(size: int, quick: bool) -> dict[str, float]:
    given = os.environ.get(f"EDUPULSE_BENCH_HOME_{size}")  # a home that was built before
    if given:
        return asyncio.run(_drive(Path(given), quick))
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder))
        setup_demo(OPERATOR, settings, students=size, train=False)
        draw_week(OPERATOR, settings)  # as after a night
        return asyncio.run(_drive(Path(folder), quick))


async def _drive(home: Path, quick: bool) -> dict[str, float]:
    rounds, clicks, people = (2, 8, 5) if quick else (ROUNDS, CLICKS, PEOPLE)
    empty = home / "empty.py"
    empty.write_text(EMPTY)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    async with (
        _server(empty, home) as (blank, _),
        _server(REPOSITORY / "app/server.py", home) as (dashboard, process),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        await _signed_in(browser, dashboard)  # the first visit opens the warehouse
        await _idle(process)
        nothing, row = [], []
        for _ in range(rounds):  # in turns, so that a busy minute touches both
            nothing.append(await _first_text(browser, blank))
            row.append(await _first_row(browser, dashboard))
        page = await _signed_in(browser, dashboard)
        alone = [await _click(page, number) for number in range(clicks)]
        await page.context.close()
        before = _processor_seconds(process)
        together = await _crowd(browser, dashboard, people)
        a_click = (_processor_seconds(process) - before) / len(together)
        sent, cookies = await _recorded(browser, dashboard)
        students = _students(home)
        student = await _recorded_student(browser, dashboard, students[0])
        await browser.close()
        served = await replay.crowd(dashboard, cookies, sent, people, _pause)
        memory = _resident(process)
        again = sent, student, students[1:]
        many = await _many(dashboard, process, cookies, again, quick)
    return many | {
        "empty_page": statistics.median(nothing),
        "first_row": statistics.median(row),
        "over_empty": statistics.median(row) - statistics.median(nothing),
        "filter_p50": statistics.median(alone),
        "filter_p95": _p95(alone),
        "people": people,
        "together_p50": statistics.median(together),
        "together_p95": _p95(together),
        "served_p50": statistics.median(served),
        "served_p95": _p95(served),
        "processor_click": a_click,
        "memory": memory,
    }


async def _many(
    url: str,
    process: int,
    cookies: str,
    recorded: tuple[list[bytes], bytes, list[str]],
    quick: bool,
) -> dict[str, float]:
    """Students opened, and the list filtered, by many people in the same moment.

    recorded: what a browser sent for the list and its clicks, what it sent for a student's page,
    and the students to open instead.
    """
    sent, student, students = recorded
    opening, filtering, waves = (8, 8, 1) if quick else (OPENING, FILTERING, WAVES)
    each = [replay.with_query(student, f"id={name}") for name in students]
    before = _processor_seconds(process)
    opened = await replay.at_once(
        url, cookies, sent[0], [each[place::opening][:waves] for place in range(opening)]
    )
    an_opening = (_processor_seconds(process) - before) / len(opened)
    clicks = sent[1:]
    turns = [place % len(clicks) for place in range(filtering)]
    filtered = await replay.at_once(
        url, cookies, sent[0], [[*clicks[first:], *clicks[:first]] for first in turns]
    )
    return {
        "opening": opening,
        "opened_p50": statistics.median(opened),
        "opened_p95": _p95(opened),
        "processor_opening": an_opening,
        "filtering": filtering,
        "filtered_p50": statistics.median(filtered),
        "filtered_p95": _p95(filtered),
        "memory_peak": _peak(process),
    }


def _students(home: Path) -> list[str]:
    """Everybody of the newest week with enough history for a score."""
    with snapshots.connect(load_settings(home=home), features=True) as con:
        return [name for (name,) in con.execute(SCORED).fetchall()]


async def _idle(process: int) -> None:
    """Wait until what the first visit set going in the background has ended."""
    await asyncio.sleep(WARM)
    used = -1.0
    while _processor_seconds(process) - used > 0.05:
        used = _processor_seconds(process)
        await asyncio.sleep(1)


def _processor_seconds(process: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _peak(process: int) -> float:
    """The most megabytes of memory that a process has held."""
    said = Path(f"/proc/{process}/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


@asynccontextmanager
async def _server(script: Path, home: Path) -> AsyncIterator[tuple[str, int]]:
    """Serve a Streamlit script until the block ends; the address and the process."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), *SERVED]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=REPOSITORY,
        env={**os.environ, "EDUPULSE_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(150):
            await asyncio.sleep(0.2)
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            writer.close()
            break
        yield f"http://localhost:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


async def _signed_in(browser: Browser, url: str) -> Page:
    """The list as the district lead sees it, drawn to its end."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.set_default_timeout(120_000)
    page = await context.new_page()
    await page.goto(f"{url}/at-risk")
    await page.get_by_role("button", name="Open as district lead", exact=True).click()
    await _drawn(page)
    return page


async def _drawn(page: Page) -> None:
    await page.wait_for_function(PAINTED, polling=20)
    await page.evaluate(FRAME)


async def _first_text(browser: Browser, url: str) -> float:
    """Seconds until an empty page shows its word, in a fresh browser."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    started = time.perf_counter()
    await page.goto(url, wait_until="commit")
    await page.wait_for_function("() => document.body?.innerText.includes('empty')", polling=20)
    await page.evaluate(FRAME)
    took = time.perf_counter() - started
    await context.close()
    return took


async def _first_row(browser: Browser, url: str) -> float:
    """Seconds until the list shows rows, for somebody signed in, with an empty cache."""
    page = await _signed_in(browser, url)
    cookies = await page.context.cookies()
    await page.context.close()
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    await context.add_cookies([{**cookie} for cookie in cookies])  # type: ignore[typeddict-item]
    fresh = await context.new_page()
    started = time.perf_counter()
    await fresh.goto(f"{url}/at-risk", wait_until="commit")
    await _drawn(fresh)
    took = time.perf_counter() - started
    await context.close()
    return took


async def _click(page: Page, number: int, look_every: int = 20) -> float:
    """Seconds from a click on a level to the new rows; looks every so many milliseconds."""
    before = await page.evaluate(PAINTED)
    name = ("High", "Medium", "Low")[(number // 2) % 3]  # on, then off again
    started = time.perf_counter()
    await page.get_by_role("button", name=name).first.click()
    await page.wait_for_function(CHANGED, arg=before, polling=look_every)
    took = time.perf_counter() - started
    await page.wait_for_timeout(300)
    return took


async def _recorded(browser: Browser, url: str) -> tuple[list[bytes], str]:
    """What a browser sends for the page and for each click, and its cookies."""
    page = await _signed_in(browser, url)
    sent = replay.record(page)
    await page.reload()
    await _drawn(page)
    for number in range(CLICKS_EACH):
        await _click(page, number)
    cookies = await page.context.cookies()
    await page.context.close()
    return sent, "; ".join(f"{one['name']}={one['value']}" for one in cookies)


async def _recorded_student(browser: Browser, url: str, student_id: str) -> bytes:
    """What a browser sends to open a student's page at its address."""
    page = await _signed_in(browser, url)
    sent = replay.record(page)
    await page.goto(f"{url}/student?id={student_id}")
    await page.wait_for_function("() => document.querySelector('.js-plotly-plot')")
    await page.context.close()
    return sent[0]


def _pause(place: int, number: int) -> float:
    """How long a person thinks before a click, each at a pace of their own."""
    return THINK * (0.5 + (place * 7 + number * 3) % 10 / 10)


async def _crowd(browser: Browser, url: str, people: int) -> list[float]:
    """The same click by many people, each with a session and a pace of their own."""
    pages = [await _signed_in(browser, url) for _ in range(people)]

    async def person(page: Page, place: int) -> list[float]:
        found = []
        for number in range(CLICKS_EACH):
            await asyncio.sleep(_pause(place, number))
            found.append(await _click(page, number, look_every=100))  # spare the processor
        return found

    found = await asyncio.gather(*(person(page, place) for place, page in enumerate(pages)))
    for page in pages:
        await page.context.close()
    return [took for each in found for took in each]


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table, in seconds where nothing else is said."""
    names = {
        "empty_page": ("empty Streamlit page", ".2f"),
        "first_row": ("first ranked row", ".2f"),
        "over_empty": ("first row, over the empty page", ".2f"),
        "filter_p50": ("filter to new rows, median", ".2f"),
        "filter_p95": ("filter to new rows, p95", ".2f"),
        "people": ("people at once", ".0f"),
        "together_p50": ("the same in as many browsers, median", ".2f"),
        "together_p95": ("the same in as many browsers, p95", ".2f"),
        "served_p50": ("the same, the server alone, median", ".3f"),
        "served_p95": ("the same, the server alone, p95", ".3f"),
        "processor_click": ("the server's processor time a click", ".3f"),
        "memory": ("the server's memory afterwards, MB", ".0f"),
        "opening": ("people who open a student in the same moment", ".0f"),
        "opened_p50": ("to the whole page, the server alone, median", ".2f"),
        "opened_p95": ("to the whole page, the server alone, p95", ".2f"),
        "processor_opening": ("the server's processor time a student", ".3f"),
        "filtering": ("people who filter in the same moment", ".0f"),
        "filtered_p50": ("to the new rows, the server alone, median", ".2f"),
        "filtered_p95": ("to the new rows, the server alone, p95", ".2f"),
        "memory_peak": ("the most memory that the server held, MB", ".0f"),
    }
    table = Table(title="Screen, seconds in Chromium")
    table.add_column("")
    for size in figures:
        table.add_column(f"{int(size):,} students", justify="right")
    for name, (label, form) in names.items():
        table.add_row(label, *(format(found[name], form) for found in figures.values()))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(carry_out("screen", run, sys.argv[1:], show=show))
