"""The time zone of a request: the person's choice, else the browser's, else UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User

from ..admin import save
from ..dom import find_all, get_text
from ..factories import AccessKeyFactory, OperatorFactory

pytestmark = pytest.mark.django_db

AT = datetime(2020, 11, 23, 18, 30, 15, tzinfo=UTC)  # before any day of a test run


@pytest.fixture
def browser(client, user):
    AccessKeyFactory.create(user=user, created_at=AT)
    client.force_login(user)
    return client


def get_time(browser, address="/bj/access-keys/"):
    """Return the time of the access key: its text, its tooltip and its value for programs."""
    times = find_all(browser.get(address), "time")
    (time,) = [each for each in times if dict(each.attributes)["datetime"][:4] == "2020"]
    attributes = dict(time.attributes)
    return get_text(time), attributes["title"], attributes["datetime"]


def test_a_time_is_in_utc_until_the_zone_is_known(browser):
    assert get_time(browser) == (
        "Nov 23, 2020, 18:30 UTC",
        "2020-11-23 18:30:15 UTC",
        "2020-11-23T18:30:15Z",
    )


def test_a_time_is_in_the_zone_of_the_browser(browser):
    browser.cookies["time_zone"] = "Asia/Shanghai"

    assert get_time(browser) == (
        "Nov 24, 2020, 02:30",
        "Asia/Shanghai (UTC+8) · 2020-11-23 18:30:15 UTC",
        "2020-11-23T18:30:15Z",
    )
    browser.cookies["django_language"] = "zh-hans"
    assert get_time(browser)[0] == "2020年11月24日 02:30"


def test_the_choice_of_the_person_takes_precedence(browser, user):
    browser.cookies["time_zone"] = "Asia/Shanghai"
    User.objects.update(time_zone="America/New_York")

    assert get_time(browser)[0] == "Nov 23, 2020, 13:30"
    assert "America/New_York (UTC" in browser.get("/bj/images/").content.decode()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", '"\\000"', "x" * 3000])
def test_an_unknown_zone_is_ignored(browser, name):
    browser.cookies.load(f"time_zone={name}")

    assert get_time(browser)[0] == "Nov 23, 2020, 18:30 UTC"

    User.objects.update(time_zone="Mars/Olympus")
    browser.cookies["time_zone"] = "Asia/Shanghai"
    assert get_time(browser)[0] == "Nov 24, 2020, 02:30"


def test_a_zone_ends_with_its_request(browser):
    browser.cookies["time_zone"] = "Asia/Shanghai"
    browser.get("/bj/access-keys/")

    assert timezone.get_current_timezone_name() == "UTC"
    browser.cookies.clear()
    browser.cookies["time_zone"] = "Asia/Shanghai"
    assert browser.get("/sign-in/").status_code == 200
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("address", ["/admin/accounts/accesskey/", "/admin/accounts/auditevent/"])
def test_the_administration_is_in_the_zone_of_the_reader_and_says_so(client, user, address):
    AccessKeyFactory.create(user=user, created_at=AT)
    AuditEvent.objects.create(at=AT, verb="image.shared", outcome="refused", channel="console")
    client.force_login(OperatorFactory.create())
    client.cookies["time_zone"] = "Asia/Shanghai"

    page = client.get(address).content.decode()

    assert "Times are in Asia/Shanghai (UTC+8)." in page
    assert "Nov 24, 2020, 02:30" in page


def test_an_operator_can_set_the_zone_of_a_person(client, user):
    client.force_login(OperatorFactory.create(is_superuser=True))
    address = f"/admin/accounts/user/{user.pk}/change/"

    assert 'value="Asia/Shanghai"' in client.get(address).content.decode()
    assert save(client, address, time_zone="Asia/Shanghai").status_code == 302

    user.refresh_from_db()
    assert user.time_zone == "Asia/Shanghai"
    assert save(client, address, time_zone="Mars/Olympus").status_code == 422


def test_the_administration_groups_by_day_in_the_zone(client, db):
    AuditEvent.objects.create(at=AT, verb="image.shared", outcome="done", channel="console")
    client.force_login(OperatorFactory.create())
    client.cookies["time_zone"] = "Asia/Shanghai"
    address = "/admin/accounts/auditevent/?at__year=2020&at__month=11"

    assert "02:30" not in client.get(f"{address}&at__day=23").content.decode()
    assert "02:30" in client.get(f"{address}&at__day=24").content.decode()
