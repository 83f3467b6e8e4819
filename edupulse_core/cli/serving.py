"""Commands that open the dashboard, or make the demo district to open it with."""

import errno
import os
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from edupulse_core import stopping
from edupulse_core.cli.terminal import day, progress, screen, tell, writing
from edupulse_core.config import REPOSITORY, Settings, load_settings
from edupulse_core.errors import InputError
from edupulse_core.people.actor import OPERATOR

READY = (
    "The demo district is ready. Its models of mastery, resources, study time and college odds are "
    "trained in the background; their answers appear within minutes."
)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder to write the bundle to.")],
    end: Annotated[
        date | None,
        typer.Option(
            parser=day, metavar="DATE", help="Last day with data; by default last Sunday."
        ),
    ] = None,
    students: Annotated[int, typer.Option(min=3, help="How many students.")] = 1200,
    years: Annotated[int, typer.Option(min=1, max=6, help="School years, this one too.")] = 2,
    weeks: Annotated[int, typer.Option(min=1, max=36, help="School weeks of this year.")] = 24,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same number makes the same district.")
    ] = None,
) -> None:
    """Write a fictional district as an import bundle, with what was planted in it in truth/."""
    from edupulse_core.actions.demo import write_demo

    with progress() as report, writing(out):
        write_demo(
            OPERATOR,
            out,
            students=students,
            years=years,
            weeks=weeks,
            end=end,
            seed=seed,
            progress=report,
        )
    print(f"Wrote a district of {students:,} students to {out}")


def serve(
    demo: Annotated[
        bool,
        typer.Option(
            "--demo", help="First build the demo district in an empty home; run a worker beside."
        ),
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    address: str = "127.0.0.1",
) -> None:
    """Open the dashboard."""
    settings = load_settings()
    check_free(address, port)
    if demo:
        from edupulse_core.actions.demo import setup_demo  # slow to import

        with progress() as report:
            built = setup_demo(OPERATOR, settings, progress=report)
        screen.print(READY if built else "This home already has data.")
    os.environ["EDUPULSE_HOME"] = str(settings.home.resolve())
    os.chdir(REPOSITORY)  # where .streamlit/ is read from
    flags = _refuse_open_door(settings, address)
    host = "localhost" if address == "127.0.0.1" else address
    if demo:
        _start_worker()
    print(f"EduPulse is at http://{host}:{port}", flush=True)  # what is not out yet, exec drops
    where = ["--server.port", str(port), "--server.address", address]
    stopping.become(
        "streamlit", "run", str(REPOSITORY / "app" / "server.py"), *where, *flags, **one_core()
    )


def one_core() -> dict[str, str]:
    """What a server's environment says: each question is answered on one core.

    The answers are about one student and small. On several cores, each layer of a network waits
    until all of them are free, which beside other work takes many times as long as the layer.
    """
    return {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}


def _start_worker() -> None:
    """Start a worker that ends with this process, which is the server from then on."""
    words = ["worker", "--beside", str(os.getpid())]
    subprocess.Popen([sys.executable, "-m", "edupulse_core", *words], stdin=subprocess.DEVNULL)


def check_free(address: str, port: int) -> None:
    """Refuse, before the work starts, a port that no server could listen on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"--port {port} is in use by another program; choose another"
            ) from None
        raise InputError(f"--address {address} --port {port}: {error.strerror}") from None


def _refuse_open_door(settings: Settings, address: str) -> list[str]:
    """The server's flags; RefusedError unless people can sign in, or this is a local demo."""
    from app import provider
    from edupulse_core.people.grants import doubts
    from edupulse_core.people.sign_in import mode_here

    if provider.make_cookie_secret(settings):
        tell(f"Wrote a new cookie_secret into {provider.home_secrets(settings)}")
    mode_here(settings, provider.is_configured(settings), address)
    for doubt in doubts(settings):
        tell(doubt)
    return provider.streamlit_flags(settings)
