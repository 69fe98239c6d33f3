"""The throttle of sign-ins: strangers can't keep a person out of a browser that is known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import known_browsers

from ..factories import UserFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db


def attack(username="mei", *, addresses=10):
    """Try wrong passwords for a name from many addresses. Return the last status."""
    for address in range(addresses):
        for _number in range(10):
            answer = sign_in(Client(), username, "wrong", REMOTE_ADDR=f"192.0.2.{address}")
    return answer.status_code


def test_a_stranger_locks_a_name_at_the_own_address_only(client, user):
    assert attack(addresses=1) == 422

    stranger = sign_in(Client(), REMOTE_ADDR="192.0.2.0")
    person = sign_in(client)

    assert stranger.status_code == 429
    assert stranger["Retry-After"] == "600"
    assert person.status_code == 302


def test_a_known_browser_gets_through_an_attack_from_everywhere(client, user):
    sign_in(client)
    client.post("/sign-out/")
    assert attack() == 429

    elsewhere = sign_in(Client())
    here = sign_in(client)

    assert elsewhere.status_code == 429
    assert here.status_code == 302


def test_an_attack_is_limited_over_all_addresses(user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_NAME_ANYWHERE = (25, 600)

    answers = [
        sign_in(Client(), "mei", "wrong", REMOTE_ADDR=f"192.0.2.{number}").status_code
        for number in range(30)
    ]

    assert answers == [422] * 25 + [429] * 5


def test_the_addresses_of_an_ipv6_network_count_as_one(user):
    answers = [
        sign_in(Client(), "mei", "wrong", REMOTE_ADDR=f"2001:db8::{number}").status_code
        for number in range(12)
    ]

    assert answers == [422] * 10 + [429] * 2


def test_guesses_in_a_known_browser_are_limited_too(client, user):
    sign_in(client)
    client.post("/sign-out/")

    wrong = [sign_in(client, password="wrong").status_code for _number in range(11)]

    assert wrong == [422] * 10 + [429]
    assert sign_in(client).status_code == 429


def test_a_browser_is_known_for_one_person(client, user):
    UserFactory.create(username="lin")
    sign_in(client)
    client.post("/sign-out/")
    assert attack("lin") == 429

    assert sign_in(client, "lin").status_code == 429


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "\ud800", "x" * 5000])
def test_a_forged_cookie_is_no_known_browser(rf, user, settings, value):
    request = rf.get("/sign-in/")
    request.COOKIES[settings.KNOWN_BROWSER_COOKIE_NAME] = value

    assert known_browsers.find(request, "mei") == ""


def test_a_browser_is_known_for_half_a_year(client, user, rf, time_machine):
    sign_in(client)
    request = rf.get("/sign-in/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    assert known_browsers.find(request, "MEI")

    time_machine.move_to(timezone.now() + timedelta(days=181))

    assert not known_browsers.find(request, "mei")


def test_the_cookie_is_safe_and_names_nobody(client, user):
    cookie = sign_in(client).cookies["known-browser"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "mei" not in cookie.value
