"""The region that one works in, on pages that have none in their path."""

from __future__ import annotations

import pytest

from ...factories import (
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for, account):
    RegionFactory.create(code="bj", name_en="Beijing", position=1)
    RegionFactory.create(code="gz", name_en="Guangzhou", position=2)
    return client_for(account)


def test_the_first_one_to_begin_with(browser):
    assert browser.get("/").url == "/bj/"
    assert 'href="/bj/images/"' in browser.get("/access-keys/").content.decode()


@pytest.mark.parametrize("page", ["/gz/", "/gz/images/", "/gz/instances/create/"])
def test_the_one_that_was_looked_at_last(browser, page):
    browser.get(page)

    assert browser.get("/").url == "/gz/"
    for elsewhere in ("/access-keys/", "/activity/", "/inbox/"):
        html = browser.get(elsewhere).content.decode()
        assert 'href="/gz/images/"' in html
        assert 'aria-label="Region: Guangzhou"' in html


@pytest.mark.parametrize("cookie", ["xx", "nowhere", "a\0b", "<b>", ""])
def test_one_that_is_not_there_is_forgotten(browser, cookie):
    browser.get("/gz/")
    assert browser.get("/xx/").status_code == 404
    assert browser.get("/").url == "/gz/"

    browser.cookies["region"] = cookie

    assert browser.get("/").url == "/bj/"
    assert browser.get("/access-keys/").status_code == 200


def test_what_a_page_asks_in_the_background_is_no_look(browser, htmx):
    browser.get("/gz/")

    browser.get("/bj/images/progress/", headers=htmx)

    assert browser.get("/").url == "/gz/"


def test_the_path_comes_first(browser):
    browser.get("/gz/")

    assert 'aria-label="Region: Beijing"' in browser.get("/bj/images/").content.decode()


def test_the_cookie_is_not_for_scripts(browser):
    cookie = browser.get("/gz/").cookies["region"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
