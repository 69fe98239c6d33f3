"""The page of an invitation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import invitations
from accounts.actors import SYSTEM
from accounts.models import AuditEvent, Session

from ..factories import OperatorFactory, UserFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

NEW = "seven-golden-servers"
TWICE = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def invitation(user):
    return invitations.issue(person=user, by=SYSTEM)


def open_form(client, invitation):
    """Open the link. Return the address of the form, which has no token."""
    return client.get(invitation).url


def test_the_address_of_the_form_has_no_token(client, invitation):
    url = open_form(client, invitation)
    page = client.get(url)

    token = invitation.split("/")[3]
    assert token not in url
    assert token not in page.content.decode()
    assert "<b>mei</b>" in page.content.decode()


def test_the_person_sets_a_password_and_is_signed_in(client, invitation):
    page = client.post(open_form(client, invitation), TWICE, follow=True)

    assert page.redirect_chain[-1] == ("/bj/", 302)
    assert "Your password is set, and you are signed in." in page.content.decode()
    assert sign_in(Client(), password=NEW).status_code == 302
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[:3] == ["person.invited", "person.joined", "session.signed-in"]


def test_an_operator_is_led_to_the_administration(client):
    person = OperatorFactory.create()
    url = open_form(client, invitations.issue(person=person, by=SYSTEM))
    page = client.post(url, TWICE, follow=True)

    assert page.redirect_chain[-1] == ("/admin/", 302)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("", "", "Fill in this field."),
        (NEW, "seven", "The passwords are different. Enter the same one twice."),
        ("12345678", "12345678", "This password is entirely numeric."),
        ("mei-mei-mei", "mei-mei-mei", ""),
    ],
)
def test_a_password_that_does_not_fit_is_refused(client, invitation, first, second, sentence):
    url = open_form(client, invitation)
    page = client.post(url, {"new_password1": first, "new_password2": second})

    assert page.status_code == (422 if sentence else 302)
    assert sentence in page.content.decode()


def test_a_used_invitation_says_what_to_do(client, invitation):
    client.post(open_form(client, invitation), TWICE)

    page = Client().get(invitation)

    assert page.status_code == 410
    assert "This invitation is no longer valid." in page.content.decode()
    assert '<a class="button primary" href="/sign-in/">Sign in</a>' in page.content.decode()


def test_an_invitation_ends_after_a_day(client, invitation, time_machine):
    assert client.get(invitation).status_code == 302
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=25))
    assert client.get(invitation).status_code == 410


def test_of_two_windows_only_the_first_sets_the_password(client, invitation):
    other = Client()
    url = open_form(client, invitation)
    open_form(other, invitation)
    client.post(url, TWICE)

    answer = other.post(url, {"new_password1": "x" * 20, "new_password2": "x" * 20})

    assert answer.status_code == 410
    assert sign_in(Client(), password=NEW).status_code == 302


@pytest.mark.parametrize("path", ["/invitation/Mg/x/", "/invitation/!!/set-password/"])
def test_an_invented_invitation_opens_nothing(client, user, path):
    assert client.get(path).status_code == 410
    assert client.post(path, TWICE).status_code == 410


def test_without_passwords_an_invitation_opens_nothing(client, invitation, settings):
    url = open_form(client, invitation)
    settings.LOCAL_SIGN_IN = False

    assert client.get(invitation).status_code == 410
    assert client.post(url, TWICE).status_code == 410


def test_setting_a_password_ends_the_sessions_of_before(client, invitation, user):
    before = Client()
    sign_in(before)

    client.post(open_form(client, invitation), TWICE)

    assert before.get("/bj/").status_code == 302
    assert Session.objects.filter(user=user).count() == 1


def test_somebody_else_who_is_signed_in_is_signed_out(client, invitation, user):
    client.force_login(UserFactory.create())

    page = client.post(open_form(client, invitation), TWICE, follow=True)

    assert page.context["user"] == user
