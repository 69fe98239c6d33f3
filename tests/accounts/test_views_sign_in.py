"""Signing in and signing out."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts.models import AuditEvent, Session

from ..factories import PASSWORD, UserFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db


def session_key(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_the_right_password_opens_the_overview(client, user):
    page = client.post("/sign-in/", {"username": "mei", "password": PASSWORD}, follow=True)

    assert page.redirect_chain[-1] == ("/bj/", 302)


def test_sign_in_returns_to_the_requested_page(client, user):
    asked = client.get("/bj/images/?type=shared")
    answer = client.post(asked.url, {"username": "mei", "password": PASSWORD})

    assert asked.url == "/sign-in/?next=/bj/images/%3Ftype%3Dshared"
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "url", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"]
)
def test_sign_in_does_not_redirect_to_other_sites(client, user, url):
    answer = client.post("/sign-in/", {"username": "mei", "password": PASSWORD, "next": url})

    assert answer.url == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [("mei", "wrong"), ("nobody", PASSWORD), ("MEI", PASSWORD), ("off", PASSWORD)],
)
def test_a_wrong_name_looks_like_a_wrong_password(client, user, username, password):
    UserFactory.create(username="off", is_active=False)

    answer = sign_in(client, username, password)

    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["Incorrect username or password."]


@pytest.mark.parametrize("username", ["", "a\0b", "x" * 10_000, "💳"])
def test_invalid_usernames_are_refused(client, user, username):
    assert sign_in(client, username).status_code == 422


def test_every_sign_in_starts_a_new_session(client, user):
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    sign_in(client)
    first = session_key(client)
    sign_in(client)
    second = session_key(client)

    assert len({"planted0planted0planted0planted0", first, second}) == 3
    assert list(Session.objects.values_list("session_key", flat=True)) == [second]


def test_sign_out_ends_the_session_on_the_server(client, user):
    sign_in(client)
    old_key = session_key(client)

    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies[settings.SESSION_COOKIE_NAME] = old_key
    assert client.get("/bj/images/").status_code == 302


def test_sign_in_and_out_are_recorded(client, user):
    sign_in(client, password="wrong")
    sign_in(client)
    client.post("/sign-out/")

    events = AuditEvent.objects.order_by("pk").values_list("verb", "outcome", "reason", "actor")
    assert list(events) == [
        ("session.signed-in", "refused", "wrong-password", "mei"),
        ("session.signed-in", "done", "", "mei"),
        ("session.signed-out", "done", "", "mei"),
    ]
