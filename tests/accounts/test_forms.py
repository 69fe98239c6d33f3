"""The sentences of forms, and the limits on wrong passwords."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django import forms

from accounts.forms import AccessKeyForm, ConsoleForm, SignInForm, get_sentences
from accounts.models import Attempt, AuditEvent, Session

from ..factories import UserFactory
from .signing_in import sign_in

pytestmark = pytest.mark.django_db

NOON = "2026-11-23 12:00Z"


class Sample(ConsoleForm):
    text = forms.CharField(max_length=3)
    own = forms.CharField(error_messages={"required": "Enter your own words."})
    number = forms.IntegerField(min_value=1, max_value=9)
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "a")])
    box = forms.BooleanField()


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (
            {},
            {
                "text": "Fill in this field.",
                "own": "Enter your own words.",
                "number": "Fill in this field.",
                "day": "Fill in this field.",
                "kind": "Select an option.",
                "box": "Select the box to continue.",
            },
        ),
        (
            {"text": "four", "own": "a\0", "number": "x", "day": "now", "kind": "b", "box": "1"},
            {
                "text": "Enter at most 3 characters. You entered 4.",
                "own": "Remove the characters that can't be stored.",
                "number": "Enter a whole number, such as 3.",
                "day": "Enter a date, such as 2026-01-31.",
                "kind": "Select an option from the list.",
            },
        ),
        (
            {"text": "a", "own": "a", "number": "0", "day": "2026-01-31", "kind": "a", "box": "1"},
            {"number": "Enter 1 or more."},
        ),
    ],
)
def test_a_form_refuses_in_the_words_of_the_console(typed, sentences):
    errors = Sample(typed).errors

    assert {name: [sentence] for name, sentence in sentences.items()} == errors


def list_forms(base=ConsoleForm):
    for form in base.__subclasses__():
        yield form
        yield from list_forms(form)


def test_no_field_has_a_sentence_of_django():
    assert {SignInForm, AccessKeyForm} < set(list_forms())
    assert forms.Form.__subclasses__()
    ours = [
        each for each in forms.Form.__subclasses__() if not each.__module__.startswith("django")
    ]
    assert ours == [ConsoleForm]
    for form in list_forms():
        for field in form.base_fields.values():
            of_django = {str(text) for text in forms.Field.default_error_messages.values()}
            assert str(get_sentences(field)["required"]) not in of_django


def test_after_too_many_wrong_passwords_the_right_one_is_refused_too(client, user):
    UserFactory.create(username="other")

    wrong = [sign_in(client, password="wrong").status_code for _ in range(11)]
    right = sign_in(client)

    assert wrong == [422] * 10 + [429]
    assert right.status_code == 429
    assert "Too many attempts. Try again in 10 minutes." in right.content.decode()
    assert sign_in(client, "other").status_code == 302


def test_the_block_expires_after_ten_minutes(client, user, time_machine):
    time_machine.move_to(NOON)
    for _ in range(11):
        sign_in(client, password="wrong")

    time_machine.shift(timedelta(minutes=10, seconds=1))

    assert sign_in(client).status_code == 302


def test_signing_in_resets_the_count_of_the_person(client, user):
    for _ in range(9):
        sign_in(client, password="wrong")
    sign_in(client)

    again = [sign_in(client, password="wrong").status_code for _ in range(10)]

    assert again == [422] * 10


def test_attempts_from_one_address_are_limited(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = [
        sign_in(client, f"name-{n}", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(6)
    ]

    assert answers == [422] * 5 + [429]
    assert set(AuditEvent.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_names_that_an_address_makes_up_add_no_rows_once_it_is_blocked(client, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)
    for number in range(5):
        sign_in(client, f"name-{number}")
    before = Attempt.objects.count()
    answers = {sign_in(client, f"other-{number}").status_code for number in range(20)}

    assert answers == {429}
    assert Attempt.objects.count() == before


def test_a_person_signs_in_a_limited_number_of_times(client, user, settings):
    """Each sign-in adds a session and an event."""
    settings.SIGN_INS_PER_PERSON = (3, 3600)
    answers = [sign_in(client) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [302] * 3 + [429] * 2
    assert answers[-1]["Retry-After"] == "3600"
    assert Session.objects.count() == 1
    assert AuditEvent.objects.filter(outcome="done").count() == 3


def test_signing_in_does_not_reset_the_count_of_the_address(client, user, settings):
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = (5, 600)

    answers = []
    for _ in range(2):
        answers += [sign_in(client, f"name-{n}").status_code for n in range(3)]
        sign_in(client)

    assert answers == [422] * 5 + [429]
