"""The dialog that sets the time zone of a person."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent, User

from ..dom import find_all, get_text

pytestmark = pytest.mark.django_db

ADDRESS = "/bj/time-zone/"


@pytest.fixture
def browser(client, user):
    client.force_login(user)
    return client


def get_options(page):
    return [
        (dict(option.attributes).get("value"), get_text(option).strip())
        for option in find_all(page, "option")
    ]


def test_the_browsers_zone_comes_first(browser, headers):
    browser.cookies["time_zone"] = "Asia/Shanghai"

    options = get_options(browser.get(ADDRESS, headers=headers))

    assert options[0] == ("", "Browser's time zone: Asia/Shanghai (UTC+8)")
    assert options[1] == ("UTC", "UTC")
    assert ("Asia/Shanghai", "Asia/Shanghai (UTC+8)") in options


def test_the_browsers_zone_may_be_unknown(browser):
    assert get_options(browser.get(ADDRESS))[0] == ("", "Browser's time zone")


def test_a_chosen_zone_is_kept_and_not_audited(browser, user, headers):
    events = AuditEvent.objects.count()

    answer = browser.post(ADDRESS, {"time_zone": "Asia/Shanghai"}, headers=headers)

    if headers:
        assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")
    else:
        assert (answer.status_code, answer.url) == (303, "/bj/")
    user.refresh_from_db()
    assert user.time_zone == "Asia/Shanghai"
    assert AuditEvent.objects.count() == events
    page = browser.get("/bj/activity/").content.decode()
    assert page.count("Times are in Asia/Shanghai (UTC+8).") == 2  # the message, and the page
    selected = find_all(browser.get(ADDRESS), "option", value="Asia/Shanghai")
    assert "selected" in dict(selected[0].attributes)


def test_the_browsers_zone_can_be_chosen_again(browser, user):
    User.objects.update(time_zone="Asia/Shanghai")
    browser.cookies["time_zone"] = "America/New_York"

    browser.post(ADDRESS, {"time_zone": ""})

    user.refresh_from_db()
    assert user.time_zone == ""
    assert "Times are in America/New_York" in browser.get("/bj/images/").content.decode()


@pytest.mark.parametrize("name", ["Mars/Olympus", "../x", "asia/shanghai"])
def test_another_zone_is_refused(browser, user, headers, name):
    answer = browser.post(ADDRESS, {"time_zone": name}, headers=headers)

    assert answer.status_code == 422
    assert find_all(answer, "div", id="id_time_zone_error")
    user.refresh_from_db()
    assert user.time_zone == ""


def test_the_region_of_the_path_exists(browser):
    assert browser.get("/zz/time-zone/").status_code == 404
