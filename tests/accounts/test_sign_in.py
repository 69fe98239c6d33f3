from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Attempt, AuditEvent

from ..factories import PASSWORD, OperatorFactory, RegionFactory, UserFactory

pytestmark = pytest.mark.django_db


NOON = "2026-11-23 12:00Z"


@pytest.fixture
def user(db):
    RegionFactory.create()
    return UserFactory.create(username="mei")


def sign_in(client, username="mei", password=PASSWORD, **extra):
    return client.post("/sign-in/", {"username": username, "password": password}, **extra)


def session_key(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_the_right_password_leads_to_the_overview(client, user):
    page = client.post("/sign-in/", {"username": "mei", "password": PASSWORD}, follow=True)

    assert page.redirect_chain[-1] == ("/bj/", 302)


def test_sign_in_leads_back_to_the_page_that_asked_for_it(client, user):
    asked = client.get("/bj/images/?type=shared")
    answer = client.post(asked.url, {"username": "mei", "password": PASSWORD})

    assert asked.url == "/sign-in/?next=/bj/images/%3Ftype%3Dshared"
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(client, user, target):
    answer = client.post("/sign-in/", {"username": "mei", "password": PASSWORD, "next": target})

    assert answer.url == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [("mei", "wrong"), ("nobody", PASSWORD), ("MEI", PASSWORD), ("off", PASSWORD)],
)
def test_a_wrong_name_looks_like_a_wrong_password(client, user, username, password):
    UserFactory.create(username="off", is_active=False)

    answer = sign_in(client, username, password)

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Please enter a correct username and password. Note that both fields may be case-sensitive."
    ]


@pytest.mark.parametrize("username", ["", "a\0b", "x" * 10_000, "💳"])
def test_names_that_cannot_be(client, user, username):
    assert sign_in(client, username).status_code == 422


def test_the_session_is_a_new_one_every_time(client, user):
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    sign_in(client)
    first = session_key(client)
    sign_in(client)
    second = session_key(client)

    assert len({"planted0planted0planted0planted0", first, second}) == 3
    assert list(Session.objects.values_list("session_key", flat=True)) == [second]


def test_sign_out_ends_the_session_on_the_server(client, user):
    sign_in(client)
    kept = session_key(client)

    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert client.get("/bj/images/").status_code == 302


def test_a_disabled_person_is_out_at_the_next_request(client, user):
    sign_in(client)

    user.is_active = False
    user.save()

    assert client.get("/bj/images/").status_code == 302


def test_a_new_password_ends_the_other_sessions(client, user):
    sign_in(client)

    user.set_password("another-battery-staple")
    user.save()

    assert client.get("/bj/images/").status_code == 302


def test_a_session_ends_when_it_is_idle(client, user, time_machine):
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


def test_a_damaged_session_cookie_is_no_session(client, user):
    for cookie in ('"\\000"', "x" * 32 + "'", "a" * 5000):
        client.cookies.clear()
        client.cookies.load(f"{settings.SESSION_COOKIE_NAME}={cookie}")
        assert client.get("/bj/images/").status_code == 302


def test_the_eleventh_wrong_password_is_too_many_and_the_right_one_tells_nothing(client, user):
    UserFactory.create(username="other")

    wrong = [sign_in(client, password="wrong").status_code for _ in range(11)]
    right = sign_in(client)

    assert wrong == [422] * 10 + [429]
    assert right.status_code == 429
    assert "Too many tries. Wait 10 minutes and try again." in right.content.decode()
    assert sign_in(client, "other").status_code == 302


def test_the_block_ends_by_itself(client, user, time_machine):
    time_machine.move_to(NOON)
    for _ in range(11):
        sign_in(client, password="wrong")

    time_machine.shift(timedelta(minutes=10, seconds=1))

    assert sign_in(client).status_code == 302


def test_signing_in_forgives_earlier_mistakes(client, user):
    for _ in range(9):
        sign_in(client, password="wrong")
    sign_in(client)

    again = [sign_in(client, password="wrong").status_code for _ in range(10)]

    assert again == [422] * 10


def test_many_names_from_one_address_are_too_many(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = [
        sign_in(client, f"name-{n}", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(6)
    ]

    assert answers == [422] * 5 + [429]
    assert set(AuditEvent.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_signing_in_does_not_forgive_the_address(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = []
    for _ in range(2):
        answers += [sign_in(client, f"name-{n}").status_code for n in range(3)]
        sign_in(client)

    assert answers == [422] * 5 + [429]


@pytest.mark.parametrize("claim", ["10.1.2.3:5555", "unknown", "", "\x7f"])
def test_an_address_that_is_none_is_not_believed(client, user, settings, claim):
    settings.TRUSTED_PROXIES = 1

    answer = sign_in(client, headers={"X-Forwarded-For": claim})

    assert answer.status_code == 302
    assert AuditEvent.objects.get().address == "127.0.0.1"


def test_behind_a_trusted_proxy_its_word_is_the_address(client, user, settings):
    settings.TRUSTED_PROXIES = 1

    sign_in(client, headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})

    assert AuditEvent.objects.get().address == "10.1.2.3"


@pytest.mark.django_db(transaction=True)
def test_twenty_wrong_passwords_at_once_are_counted_as_twenty(user):
    barrier = Barrier(20)

    def attempt(_):
        barrier.wait(timeout=30)
        try:
            return sign_in(Client(), password="wrong").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(attempt, range(20)))

    assert answers == [422] * 10 + [429] * 10


def test_sign_in_and_out_are_in_the_audit_trail(client, user):
    sign_in(client, password="wrong")
    sign_in(client)
    client.post("/sign-out/")

    events = AuditEvent.objects.order_by("pk").values_list("verb", "outcome", "reason", "actor")
    assert list(events) == [
        ("session.signed-in", "refused", "wrong-password", "mei"),
        ("session.signed-in", "done", "", "mei"),
        ("session.signed-out", "done", "", "mei"),
    ]


def test_the_demo_password_opens_nothing_beyond_this_machine(client, user, settings):
    user.set_password(settings.DEMO_PASSWORD)
    user.save()

    settings.DEMO_PASSWORD_WORKS = False
    refused = sign_in(client, password=settings.DEMO_PASSWORD)
    settings.DEMO_PASSWORD_WORKS = True
    opened = sign_in(client, password=settings.DEMO_PASSWORD)

    assert (refused.status_code, opened.status_code) == (422, 302)


def test_an_operator_without_an_account_is_led_to_the_administration(client):
    RegionFactory.create()
    client.force_login(OperatorFactory.create())

    assert client.get("/bj/images/").url == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_htmx_without_a_session_is_sent_to_the_sign_in_page(client, user, htmx):
    here = {"HX-Current-URL": "http://testserver/bj/images/?type=shared"}

    refresh = client.get("/bj/images/", headers=htmx | here)
    form = client.post("/bj/images/m-abcdefgh/share/", {"accounts": "x"}, headers=htmx | here)

    assert (refresh.status_code, refresh.content) == (401, b"")
    assert refresh.headers["HX-Redirect"] == "/sign-in/?next=/bj/images/%3Ftype%3Dshared"
    assert (form.status_code, form.content) == (401, b"")
    assert form.headers["HX-Redirect"] == "/sign-in/?next=/bj/images/m-abcdefgh/share/"


def test_a_form_of_a_session_that_ended_leads_to_the_sign_in_page(user, htmx):
    browser = Client(enforce_csrf_checks=True)
    form = "/bj/images/m-abcdefgh/share/"

    plain, fragment = browser.post(form), browser.post(form, headers=htmx)

    assert (plain.status_code, plain.url) == (302, f"/sign-in/?next={form}")
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, plain.url)


def test_old_attempts_are_forgotten(client, user, time_machine):
    sign_in(client, "nobody")
    time_machine.move_to(timezone.now() + timedelta(days=2))
    sign_in(client)

    assert not Attempt.objects.filter(key__contains="nobody").exists()
