"""How long clients of the HTTP API wait, and how much memory the server takes.

`edupulse bench api [--students N] [--quick] [--json]`. One server process on this
machine, asked over loopback by clients on the same processors. A stored prediction is the night's;
a computed one is of an earlier week that nobody scored, with its reasons.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from edupulse_core.actions.demo import setup_demo
from edupulse_core.actions.tokens import create_token
from edupulse_core.config import Settings, load_settings
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries.district import District, open_district
from tests.benchmarks.command import carry_out, count
from tests.browser.conftest import free_port

STUDENTS = 10_000
STORED = 300  # requests, one after the other
COMPUTED = 60
BATCHES = {100: (20, 7), 1000: (5, 8)}  # students → requests, and a week that nobody scored
CLIENTS = 50
EACH = 10  # requests of each client
WEEKS_AGO = 6
PATIENCE = 120.0  # s
SCORED = """
    select student_id
    from board
    join student_weeks using (student_id)
    where risk_score is not null
        and student_weeks.week_start between $first::date and $last::date
    group by student_id
    having min(student_weeks.known_weeks) >= 4
        and count(*) = (
            select count(distinct week_start)
            from student_weeks
            where week_start between $first::date and $last::date
        )
    order by hash(student_id)
"""


def run(settings: Settings, *, quick: bool = False, students: int | None = None) -> dict[str, Any]:
    """Milliseconds by kind of request, requests a second with many clients, and memory in MB."""
    size = students or (STUDENTS // 10 if quick else STUDENTS)
    given = os.environ.get(f"EDUPULSE_BENCH_HOME_{size}")  # a home that was built before
    with tempfile.TemporaryDirectory() as folder:
        home = load_settings(home=Path(given or folder))
        setup_demo(OPERATOR, home, students=size, train=False)
        _, secret = create_token(OPERATOR, home, "bench", "district")
        district = open_district(home)
        with _server(home, secret) as (client, process):
            found = _measure(client, district)
            found["memory_mb"] = round(process.memory_info().rss / 2**20)
    return {"students": size, **found, "quick": quick}


def _measure(client: httpx.Client, district: District) -> dict[str, Any]:
    ids = _scored(district)
    earlier = (district.as_of - timedelta(weeks=WEEKS_AGO)).isoformat()

    def one(place: int, end: str | None = None) -> None:
        asked = {"student_id": ids[place % len(ids)]} | (
            {"date_range": {"end": end}} if end else {}
        )
        client.post("/api/v1/predict", json=asked).raise_for_status()

    def batch(size: int, end: str | None = None) -> None:
        path = "/api/v1/predictions/predict-batch" if end else "/api/v1/predict/batch"
        asked: dict[str, Any] = {"student_ids": ids[:size]}
        asked |= {"date_range": {"end": end}} if end else {}
        client.post(path, json=asked).raise_for_status()

    one(0)  # the first request opens the data and loads the model
    one(0, earlier)
    found: dict[str, Any] = {
        "stored": _times(one, range(STORED)),
        "computed": _times(lambda place: one(place, earlier), range(1, COMPUTED + 1)),
    }
    for size, (times, weeks_ago) in BATCHES.items():
        if size <= len(ids):
            found[f"batch_{size}"] = _times(lambda _, n=size: batch(n), range(times))
            end = (district.as_of - timedelta(weeks=weeks_ago)).isoformat()
            computed = _times(lambda _, n=size, day=end: batch(n, day), range(1))
            found[f"batch_{size}_computed"] = computed
    found["clients"] = _crowd(one)
    return found


def _crowd(ask: Callable[[int], None]) -> dict[str, float]:
    """Many clients at once, each asking again as soon as it has its answer."""
    waited: list[float] = []

    def client(number: int) -> None:
        for turn in range(EACH):
            began = time.perf_counter()
            ask(number * EACH + turn)
            waited.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    seconds = time.perf_counter() - began
    return {**_spread(waited), "requests_a_second": round(len(waited) / seconds, 1)}


def _times(ask: Callable[[int], None], places: range) -> dict[str, float]:
    waited = []
    for place in places:
        began = time.perf_counter()
        ask(place)
        waited.append(1000 * (time.perf_counter() - began))
    return _spread(waited)


def _spread(waited: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(waited, [50, 99])
    return {"p50_ms": round(float(p50), 1), "p99_ms": round(float(p99), 1), "requests": len(waited)}


def _scored(district: District) -> list[str]:
    """Students with a score now who also had enough history in the weeks that are computed."""
    first = district.week_start - timedelta(
        weeks=max(WEEKS_AGO, *(ago for _, ago in BATCHES.values()))
    )
    last = district.week_start - timedelta(weeks=WEEKS_AGO)
    rows = district.con.execute(SCORED, {"first": first, "last": last}).fetchall()
    return [row[0] for row in rows]


@contextmanager
def _server(home: Settings, secret: str) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """A server of a home, which is ended at the end."""
    port = free_port()
    environment = {
        **os.environ,
        "EDUPULSE_HOME": str(home.home),
        "EDUPULSE_API__REQUESTS_A_MINUTE": "1000000",
    }
    command = [sys.executable, "-m", "edupulse_core", "api", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    at, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {secret}"}
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    try:
        with httpx.Client(base_url=at, headers=headers, timeout=PATIENCE, limits=limits) as client:
            _wait(client)
            yield client, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            client.get("/health").raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def tables(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What the Evidence page shows."""
    words = {
        "stored": "one student, stored",
        "computed": "one student, computed with reasons",
        "batch_100": "100 students, stored",
        "batch_100_computed": "100 students, computed with reasons",
        "batch_1000": "1,000 students, stored",
        "batch_1000_computed": "1,000 students, computed with reasons",
        "clients": f"one student, stored, {CLIENTS} clients at once",
    }
    rows = [
        {"request": said, "p50 (ms)": found[name]["p50_ms"], "p99 (ms)": found[name]["p99_ms"]}
        for name, said in words.items()
        if name in found
    ]
    total = {
        "students in the district": found["students"],
        f"requests a second of {CLIENTS} clients": found["clients"]["requests_a_second"],
        "memory of the server (MB)": found["memory_mb"],
    }
    return [
        {"title": "How long a client waits", "rows": rows},
        {"title": "The server", "rows": [total]},
    ]


if __name__ == "__main__":
    options = {"--students": {"type": count, "metavar": "N", "help": "how many; 10,000 unless set"}}
    sys.exit(carry_out("api", run, sys.argv[1:], tables=tables, options=options))
