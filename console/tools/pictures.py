"""Take the screenshots for the docs (`make pictures`)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from console.tools import chromium

PROJECT = Path(__file__).parents[2]
PICTURES = PROJECT / "docs" / "pictures"
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 820}}
NARROW: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
DEFAULTS: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
}
IMAGE = "golden-ubuntu-24.04"


def share(page: Page) -> None:
    """Open the Share dialog and enter accounts with different verdicts."""
    page.get_by_role("checkbox", name=IMAGE).check()
    page.locator("#do-share").click()
    page.locator("#id_acknowledged").check()
    page.locator("#id_accounts").fill(
        "branch-wuhan\nyunhe-research\npayments\nbranch-anqing\nsales"
    )
    page.locator("#verdicts li", has_text="sales").scroll_into_view_if_needed()


def unshare(page: Page) -> None:
    """Open the Unshare dialog and select a recipient."""
    page.get_by_role("checkbox", name=IMAGE).check()
    page.locator("#do-unshare").click()
    page.locator("dialog .recipients").get_by_role("checkbox").first.check()


def do_nothing(page: Page) -> None:
    """Leave the page as it loads."""


# For each file: the window, the page and the action before the screenshot
SHOTS = {
    "share": (WIDE, "/bj/images/", share),
    "unshare": (WIDE, "/bj/images/", unshare),
    "overview": (WIDE, "/bj/", do_nothing),
    "activity": (WIDE, "/bj/activity/", do_nothing),
    "dark": (WIDE | {"color_scheme": "dark"}, "/bj/images/", do_nothing),
    "narrow": (NARROW, "/bj/images/", do_nothing),
    "chinese": (WIDE | {"locale": "zh-CN"}, "/bj/images/", unshare),
}


def main() -> None:
    """Take every screenshot in SHOTS."""
    options = chromium.find_browser() or sys.exit(chromium.NO_BROWSER)
    PICTURES.mkdir(exist_ok=True)
    with run_console() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        cookies = sign_in(browser, url)
        for name, (window, path, act) in SHOTS.items():
            context = browser.new_context(
                base_url=url, storage_state=cookies, **(DEFAULTS | window)
            )
            page = context.new_page()
            page.goto(path)
            act(page)
            page.wait_for_load_state("networkidle")
            # "hide" adds a style that the Content-Security-Policy blocks.
            page.screenshot(path=PICTURES / f"{name}.png", caret="initial")
            context.close()
        browser.close()


def sign_in(browser: Browser, url: str) -> StorageState:
    """Sign in as a person of the demo data. Return the cookies."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/sign-in/?next=/bj/access-keys/")
    page.locator("[name=username]").fill("platform")
    page.locator("[name=password]").fill("golden-images-2026")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/access-keys/")
    cookies = context.storage_state()
    context.close()
    return cookies


@contextmanager
def run_console() -> Iterator[str]:
    """Run a console with the demo data in a temporary folder. Yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="bcc-console-pictures-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=PROJECT,
        env=os.environ | {"DATA_DIR": str(folder), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if not any("The console is at" in line for line in process.stdout or ()):
            sys.exit("The console did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
