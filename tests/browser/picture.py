"""Take the front page's picture: `python -m tests.browser.picture` writes `docs/at-risk.png`.

The demo's At-risk list as its counselor sees it, in a home that is made for it and removed.
"""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from edupulse_core.actions.demo import setup_demo
from edupulse_core.config import REPOSITORY, load_settings
from edupulse_core.people.actor import OPERATOR
from tests.browser.conftest import ARGUMENTS, look_as, serve, settled

PICTURE = REPOSITORY / "docs" / "at-risk.png"
SIZE = {"width": 1440, "height": 900}
COLORS = 128  # enough for a page, and a third of the bytes


def main() -> None:
    """Serve a new demo, look as the counselor does, and write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder))
        setup_demo(OPERATOR, settings, train=False)
        with serve(settings) as served, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            page = browser.new_page(viewport=SIZE, locale="en-US")
            look_as(page, served, "counselor", path="at-risk")
            page.locator("tbody tr").first.wait_for()
            taken = settled(page).screenshot()
            browser.close()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLORS).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
