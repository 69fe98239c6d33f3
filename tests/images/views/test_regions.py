"""The region of a page: the one in its address, whatever other tabs show."""

from __future__ import annotations

import pytest

from accounts.models import AccessKey

from ...dom import find_all
from ...factories import RegionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_for, account):
    RegionFactory.create(code="bj", name_en="Beijing", position=1)
    RegionFactory.create(code="gz", name_en="Guangzhou", position=2)
    return client_for(account)


def test_the_home_page_is_the_overview_of_the_first_region(browser):
    assert browser.get("/").url == "/bj/"


@pytest.mark.parametrize("page", ["/gz/", "/gz/images/", "/gz/instances/create/", "/gz/activity/"])
def test_the_home_page_is_in_the_region_viewed_last(browser, page):
    browser.get(page)

    assert browser.get("/").url == "/gz/"


@pytest.mark.parametrize(
    "page",
    ["", "images/", "instances/", "activity/", "access-keys/", "access-keys/create/", "inbox/"],
)
def test_the_region_in_the_path_takes_precedence(browser, page):
    browser.get("/gz/")

    response = browser.get(f"/bj/{page}")

    assert find_all(response, "button", aria_label="Region: Beijing")
    for address in ("activity/", "access-keys/", "inbox/", "images/"):
        assert find_all(response, "a", href=f"/bj/{address}")
        assert not find_all(response, "a", href=f"/gz/{address}") or page == address


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/activity/", "/gz/activity/"),
        ("/activity/?verb=image.shared&q=a%26b", "/gz/activity/?verb=image.shared&q=a%26b"),
        ("/activity/export/csv/?result=refused", "/gz/activity/export/csv/?result=refused"),
        ("/access-keys/", "/gz/access-keys/"),
        ("/access-keys/create/", "/gz/access-keys/create/"),
        (f"/access-keys/{'ab' * 16}/delete/", f"/gz/access-keys/{'ab' * 16}/delete/"),
        ("/inbox/", "/gz/inbox/"),
        ("/activity//evil.example/", "/gz/activity//evil.example/"),
    ],
)
def test_an_address_without_a_region_leads_to_the_region_viewed_last(browser, headers, old, new):
    browser.get("/gz/")

    response = browser.get(old, headers=headers)

    assert (response.status_code, response.url) == (302, new)


def test_a_form_of_an_address_without_a_region_is_not_lost(browser):
    browser.get("/gz/")

    response = browser.post("/access-keys/create/", {"description": "nightly"}, follow=True)

    assert response.redirect_chain == [("/gz/access-keys/create/", 307)]
    assert AccessKey.objects.get().description == "nightly"


@pytest.mark.parametrize(
    "page", ["activity/", "activity/export/csv/", "access-keys/", "access-keys/create/", "inbox/"]
)
def test_an_unknown_region_is_not_found(browser, headers, page):
    assert browser.get(f"/xx/{page}", headers=headers).status_code == 404


@pytest.mark.parametrize("cookie", ["xx", "nowhere", "a\0b", "<b>", ""])
def test_an_unknown_region_is_ignored(browser, cookie):
    browser.get("/gz/")
    assert browser.get("/xx/").status_code == 404
    assert browser.get("/").url == "/gz/"

    browser.cookies["region"] = cookie

    assert browser.get("/").url == "/bj/"
    assert browser.get("/activity/").url == "/bj/activity/"


def test_a_background_request_does_not_change_the_region(browser, htmx):
    browser.get("/gz/")

    browser.get("/bj/images/progress/", headers=htmx)

    assert browser.get("/").url == "/gz/"


def test_scripts_cannot_read_the_cookie(browser):
    cookie = browser.get("/gz/").cookies["region"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
