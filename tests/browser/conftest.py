"""A real browser that opens pages of the real server. A window is signed in to an account."""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from console.tools import chromium
from tests.sdk.clients import MARKS, new_image, new_images, new_instance, wait_for_instance

from .windows import Windows

HERE = Path(__file__).parent
# About half of the time: tests of what pages look like. The others are of what people do.
LOOKS = {"accessibility", "administration", "chinese", "forced_colors", "narrow", "policy", "touch"}


def pytest_collection_modifyitems(items):
    """Run these tests in two groups, with the same exceptions as the tests of the SDK."""
    for item in items:
        if item.path.is_relative_to(HERE):
            is_look = item.path.stem.removeprefix("test_") in LOOKS
            group = pytest.mark.xdist_group("browser looks" if is_look else "browser")
            for mark in (group, *MARKS[1:]):
                item.add_marker(mark)


@pytest.fixture(scope="session")
def launch_options():
    """Return the launch options of the browser. Without one, skip the tests, or fail in CI."""
    options = chromium.find_browser()
    if not options:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(chromium.NO_BROWSER)
    return options


# Closed after this package: while Playwright runs, Django considers the thread async.
@pytest.fixture(scope="package")
def browser(launch_options):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions():
    """Return a dictionary for the cookies of each account that signs in."""
    return {}


@pytest.fixture
def windows(browser, server, sessions):
    """Yield the windows of the test. Fail the test if one has a problem that it doesn't expect."""
    windows = Windows(browser, server.url, sessions)
    yield windows
    problems = windows.problems.copy()  # without the requests that closing aborts
    windows.close()
    assert problems == windows.expected


@pytest.fixture
def owner(tenants):
    return tenants(1)[0]


@pytest.fixture
def recipient(tenants):
    return tenants(1)[0]


@pytest.fixture
def golden(server, owner):
    """Return the ID of an image named golden, owned by `owner`."""
    return new_image(server.client(owner), "golden")


@pytest.fixture
def showroom(server, built_showroom):
    """Return an account with content on every page, and the IDs of it. Tests must not change it.

    It has an unshare that can be undone, which ends ten minutes after it.
    """
    owner, ids, unshared = built_showroom
    if time.monotonic() - unshared["at"] > 300:
        client, golden = server.client(owner), ids["golden"]
        client.share_image(golden, account_id=unshared["from"])
        client.unshare_image(golden, account_id=unshared["from"])
        unshared["at"] = time.monotonic()
    return owner, ids


@pytest.fixture(scope="session")
def built_showroom(server, pool, alter):
    owner, sharer, *others = islice(pool, 15)
    client, other = server.client(owner), server.client(sharer)
    golden, spare, moving = new_images(client, "golden", "spare", "moving")
    for each in others:
        client.share_image(golden, account_id=each.account_id)
    client.unshare_image(golden, account_id=others[0].account_id)
    unshared = {"from": others[0].account_id, "at": time.monotonic()}
    alter(
        "UPDATE images_image SET passing_status = 'Copying', settles_at = '2126-01-01'"
        " WHERE image_id = %s",
        moving,
    )
    received = new_image(other, "received")
    other.share_image(received, account_id=owner.account_id)
    running, stopped = (new_instance(client, received, name=name) for name in ("web", "batch"))
    client.stop_instance(stopped)
    wait_for_instance(client, stopped, "Stopped")
    ids = {
        "golden": golden,
        "spare": spare,
        "moving": moving,
        "received": received,
        "running": running,
        "stopped": stopped,
        "key": owner.key_id,
    }
    return owner, ids, unshared
