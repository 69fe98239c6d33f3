"""When a session ends, and where requests without a session are redirected."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from ..factories import OperatorFactory, RegionFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

NOON = "2026-11-23 12:00Z"


def test_a_new_password_ends_the_other_sessions(client, user):
    sign_in(client)

    user.set_password("another-battery-staple")
    user.save()

    assert client.get("/bj/images/").status_code == 302


def test_a_session_ends_after_two_hours_without_use(client, user, time_machine):
    time_machine.move_to(NOON)
    sign_in(client)
    for _ in range(3):
        time_machine.shift(timedelta(minutes=100))
        assert client.get("/bj/images/").status_code == 200

    time_machine.shift(timedelta(minutes=121))

    assert client.get("/bj/images/").status_code == 302


def test_a_session_ends_after_twelve_hours_of_use(client, user, time_machine):
    time_machine.move_to(NOON)
    sign_in(client)
    for _ in range(12):
        time_machine.shift(timedelta(minutes=59))
        assert client.get("/bj/images/").status_code == 200

    time_machine.shift(timedelta(minutes=13))

    assert client.get("/bj/images/").status_code == 302


def test_a_damaged_session_cookie_is_ignored(client, user):
    for cookie in ('"\\000"', "x" * 32 + "'", "a" * 5000):
        client.cookies.clear()
        client.cookies.load(f"{settings.SESSION_COOKIE_NAME}={cookie}")
        assert client.get("/bj/images/").status_code == 302


def test_an_operator_without_an_account_is_redirected_to_the_administration(client):
    RegionFactory.create()
    client.force_login(OperatorFactory.create())

    assert client.get("/bj/images/").url == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_htmx_without_a_session_is_redirected_to_the_sign_in_page(client, user, htmx):
    here = {"HX-Current-URL": "http://testserver/bj/images/?type=shared"}

    refresh = client.get("/bj/images/", headers=htmx | here)
    form = client.post("/bj/images/m-abcdefgh/share/", {"accounts": "x"}, headers=htmx | here)

    assert (refresh.status_code, refresh.content) == (401, b"")
    assert refresh.headers["HX-Redirect"] == "/sign-in/?next=/bj/images/%3Ftype%3Dshared"
    assert (form.status_code, form.content) == (401, b"")
    assert form.headers["HX-Redirect"] == "/sign-in/?next=/bj/images/m-abcdefgh/share/"


def test_a_form_of_an_ended_session_is_redirected_to_the_sign_in_page(user, htmx):
    browser = Client(enforce_csrf_checks=True)
    form = "/bj/images/m-abcdefgh/share/"

    plain, fragment = browser.post(form), browser.post(form, headers=htmx)

    assert (plain.status_code, plain.url) == (302, f"/sign-in/?next={form}")
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, plain.url)
