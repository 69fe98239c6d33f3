"""The current region on pages that have none in their path."""

from __future__ import annotations

import pytest

from ...dom import find_all
from ...factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for, account):
    RegionFactory.create(code="bj", name_en="Beijing", position=1)
    RegionFactory.create(code="gz", name_en="Guangzhou", position=2)
    return client_for(account)


def test_the_default_is_the_first_region(browser):
    assert browser.get("/").url == "/bj/"
    assert find_all(browser.get("/access-keys/"), "a", href="/bj/images/")


@pytest.mark.parametrize("page", ["/gz/", "/gz/images/", "/gz/instances/create/"])
def test_the_current_region_is_the_one_visited_last(browser, page):
    browser.get(page)

    assert browser.get("/").url == "/gz/"
    for path in ("/access-keys/", "/activity/", "/inbox/"):
        response = browser.get(path)
        assert find_all(response, "a", href="/gz/images/")
        assert find_all(response, "button", aria_label="Region: Guangzhou")


@pytest.mark.parametrize("cookie", ["xx", "nowhere", "a\0b", "<b>", ""])
def test_an_unknown_region_is_ignored(browser, cookie):
    browser.get("/gz/")
    assert browser.get("/xx/").status_code == 404
    assert browser.get("/").url == "/gz/"

    browser.cookies["region"] = cookie

    assert browser.get("/").url == "/bj/"
    assert browser.get("/access-keys/").status_code == 200


def test_a_background_request_does_not_change_the_region(browser, htmx):
    browser.get("/gz/")

    browser.get("/bj/images/progress/", headers=htmx)

    assert browser.get("/").url == "/gz/"


def test_the_region_in_the_path_takes_precedence(browser):
    browser.get("/gz/")

    assert find_all(browser.get("/bj/images/"), "button", aria_label="Region: Beijing")


def test_scripts_cannot_read_the_cookie(browser):
    cookie = browser.get("/gz/").cookies["region"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
