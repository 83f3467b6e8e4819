"""What a page says, asks and is sent, and what is wrong with how it is drawn."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request, WebSocket

from tests.browser.conftest import settled

WIDTHS = (1440, 760, 360)
IMPACTS = ("critical", "serious", "moderate")
OURS = ("http://localhost", "data:", "blob:")
HARMLESS = (
    "Failed to load resource",  # Streamlit looks for itself below a page first, and finds a 404
    "Unexpected state: Multiple different fragmentIds",  # only `open_all` clicks on all at once
)
OPEN = "all => all.forEach(one => one.click())"
CUT = """
() => [...document.querySelectorAll('.figures')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)
"""


@dataclass
class Watched:
    """All that happened between a page, its server and the world."""

    said: list[str] = field(default_factory=list)  # on the console, or errors that nobody caught
    asked: list[str] = field(default_factory=list)  # addresses
    frames: list[bytes] = field(default_factory=list)  # everything that was sent, drawn or not

    def names(self, known: Iterable[str]) -> set[str]:
        """Those of the known names that were sent."""
        everything = b"\n".join(self.frames)
        return {name for name in known if name.encode() in everything}

    def wrong(self) -> list[str]:
        """What was said, and what was asked elsewhere."""
        elsewhere = [url for url in self.asked if not url.startswith(OURS)]
        return [line for line in self.said if not line.startswith(HARMLESS)] + elsewhere

    def _hear(self, line: ConsoleMessage) -> None:
        self.said.append(line.text)

    def _fail(self, error: Error) -> None:
        self.said.append(str(error))

    def _ask(self, request: Request) -> None:
        self.asked.append(request.url)

    def _connect(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._keep)

    def _keep(self, frame: str | bytes) -> None:
        self.frames.append(frame if isinstance(frame, bytes) else frame.encode())


@contextmanager
def watching(page: Page) -> Iterator[Watched]:
    """Watch a page from its next load on."""
    seen = Watched()
    ears = {
        "console": seen._hear,
        "pageerror": seen._fail,
        "request": seen._ask,
        "websocket": seen._connect,
    }
    for event, ear in ears.items():
        page.on(event, ear)  # type: ignore[call-overload]
    yield seen
    for event, ear in ears.items():
        page.remove_listener(event, ear)


def open_all(page: Page) -> None:
    """Open what can be opened, behind other tabs too, and what can be opened in that."""
    for _ in range(2):
        page.locator("details:not([open]) > summary").evaluate_all(OPEN)
        settled(page)


def faults(page: Page, width: int) -> list[str]:
    """What stands in somebody's way on a page with all its parts open.

    It may scroll sideways at no width, and axe looks at it at one.
    """
    open_all(page)
    found = []
    for each in sorted(WIDTHS, key=lambda one: one == width):  # that one last
        page.set_viewport_size({"width": each, "height": 800})
        settled(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"scrolls sideways at {each}")
        if page.get_by_test_id("stMain").evaluate("one => one.scrollWidth > one.clientWidth"):
            found.append(f"its main part scrolls sideways at {each}")
        found += [f"cut at {each}: {table}" for table in page.evaluate(CUT)]
    violations = Axe().run(page).response["violations"]
    return found + [
        f"{each['id']}: {node['html']}"
        for each in violations
        if each["impact"] in IMPACTS
        for node in each["nodes"]
    ]
