"""`make pictures`: photograph the console with its demo data, for the documents."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from console.tools import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, StorageState

PROJECT = Path(__file__).parents[2]
PICTURES = PROJECT / "docs" / "pictures"
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 820}}
NARROW: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
USUAL: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",
}
IMAGE = "golden-ubuntu-24.04"


def share(page: Page) -> None:
    page.get_by_role("radio", name=IMAGE).check()
    page.locator("#do-share").click()
    page.locator("#id_acknowledged").check()
    page.locator("#id_accounts").fill(
        "branch-wuhan\nyunhe-research\npayments\nbranch-anqing\nsales"
    )
    page.locator("#verdicts li", has_text="sales").scroll_into_view_if_needed()


def unshare(page: Page) -> None:
    page.get_by_role("radio", name=IMAGE).check()
    page.locator("#do-unshare").click()
    page.locator("dialog .recipients").get_by_role("checkbox").first.check()


def look(page: Page) -> None:
    """Nothing is opened."""


# For each file: the window, the page and what to do there
SHOTS = {
    "share": (WIDE, "/bj/images/", share),
    "unshare": (WIDE, "/bj/images/", unshare),
    "overview": (WIDE, "/bj/", look),
    "activity": (WIDE, "/activity/", look),
    "dark": (WIDE | {"color_scheme": "dark"}, "/bj/images/", look),
    "narrow": (NARROW, "/bj/images/", look),
    "chinese": (WIDE | {"locale": "zh-CN"}, "/bj/images/", unshare),
}


def main() -> None:
    options = chromium.find() or sys.exit(chromium.NO_BROWSER)
    PICTURES.mkdir(exist_ok=True)
    with console() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        cookies = sign_in(browser, url)
        for name, (window, path, act) in SHOTS.items():
            context = browser.new_context(base_url=url, storage_state=cookies, **(USUAL | window))
            page = context.new_page()
            page.goto(path)
            act(page)
            page.wait_for_load_state("networkidle")
            # Not "hide", whose style the Content-Security-Policy refuses.
            page.screenshot(path=PICTURES / f"{name}.png", caret="initial")
            context.close()
        browser.close()


def sign_in(browser: Browser, url: str) -> StorageState:
    """Sign in with one of the sign-ins that a fresh console prints, and answer the cookies."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/sign-in/?next=/access-keys/")
    page.locator("[name=username]").fill("platform")
    page.locator("[name=password]").fill("golden-images-2026")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/access-keys/")
    cookies = context.storage_state()
    context.close()
    return cookies


@contextmanager
def console() -> Iterator[str]:
    """Start a console of its own, with nothing but the demo data, and answer where it is."""
    folder = Path(tempfile.mkdtemp(prefix="bcc-console-pictures-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    run = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=PROJECT,
        env=os.environ | {"DATA_DIR": str(folder), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if not any("The console is at" in line for line in run.stdout or ()):
            sys.exit("The console did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        run.terminate()
        run.communicate()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
