"""How an account is found, and the limits on guessing names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import directory, limits
from accounts.actors import SYSTEM, Channel
from accounts.models import Attempt, AuditEvent, ChargedText
from images import sharing
from images.models import ShareGrant
from images.sharing import Verdict

from ..factories import (
    AccountFactory,
    ImageFactory,
)
from ..images.pages import page_of, share, text_of
from ..images.verbs import share_with, verdicts

pytestmark = pytest.mark.django_db


def spent_by(actor):
    return Attempt.objects.get(key=f"look-up:{actor.name}").spent


def test_guessing_account_names_is_limited(client_for, htmx, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (10, 600)
    image = ImageFactory.create()
    known = AccountFactory.create()
    browser = client_for(image.owner)
    check = page_of(image, "share/check/")

    first = browser.post(check, {"accounts": "\n".join(f"guess-{n}" for n in range(10))})
    second = browser.post(check, {"accounts": "one-more"}, headers=htmx)
    third = share(browser, image, f"one-more {known.name}", htmx)
    valid = share(browser, image, known.name, htmx)

    assert [a.status_code for a in (first, second, third, valid)] == [200, 429, 429, 429]
    assert "Too many attempts. Try again in 10 minutes." in text_of(second)
    assert third.context["form"]["accounts"].value() == f"one-more {known.name}"
    assert AuditEvent.objects.filter(verb="account.looked-up", outcome="refused").count() == 3
    assert not ShareGrant.objects.exists()


def test_correcting_a_list_costs_nothing(client_for, htmx, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (61, 600)
    image = ImageFactory.create()
    wrong = [f"wrong-{number}" for number in range(60)]
    browser = client_for(image.owner)
    check = page_of(image, "share/check/")

    for corrected in range(60):
        response = browser.post(check, {"accounts": "\n".join(wrong[corrected:])}, headers=htmx)
        assert response.status_code == 200

    assert [each.spent for each in Attempt.objects.all()] == [60, 60]  # person and account


def test_a_text_is_charged_again_after_the_window(settings, actor_for, account, time_machine):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    by = actor_for(account)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    directory.look_up(["guess-1"], by=by)

    time_machine.move_to(now + timedelta(seconds=599), tick=False)
    directory.look_up(["guess-1"], by=by)
    assert spent_by(by) == 1
    time_machine.move_to(now + timedelta(seconds=600), tick=False)
    directory.look_up(["guess-1"], by=by)
    assert spent_by(by) == 1
    with pytest.raises(limits.TooManyTries):
        directory.look_up(["guess-2", "guess-3"], by=by)


def test_a_refused_list_is_not_free_in_the_next_window(settings, actor_for, account, time_machine):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    by = actor_for(account)
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    directory.look_up(["guess-1"], by=by)
    time_machine.move_to(now + timedelta(seconds=599), tick=False)
    with pytest.raises(limits.TooManyTries):
        directory.look_up(["guess-2", "guess-3", "guess-4"], by=by)

    time_machine.move_to(now + timedelta(seconds=600), tick=False)
    with pytest.raises(limits.TooManyTries):
        directory.look_up(["guess-2", "guess-3", "guess-4"], by=by)


def test_texts_are_charged_to_each_person(settings, actor_for, account):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    one, other = actor_for(account), actor_for(AccountFactory.create())
    directory.look_up(["guess-1"], by=one)
    directory.look_up(["guess-1"], by=other)
    directory.look_up(["guess-2"], by=other)

    assert directory.look_up(["guess-1"], by=one) == {"guess-1": []}
    with pytest.raises(limits.TooManyTries):
        directory.look_up(["guess-1"], by=other)


def test_the_console_and_all_access_keys_of_a_person_share_the_limit(settings, actor_for, account):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (3, 600)
    payments = AccountFactory.create(name="payments")
    console = actor_for(account)
    keys = [replace(console, channel=Channel.API, access_key_id=digit * 32) for digit in "12"]
    for number, by in enumerate([console, *keys]):
        assert directory.look_up([f"guess-{number}", "payments"], by=by)["payments"] == [payments]

    for by in (console, *keys):
        with pytest.raises(limits.TooManyTries):
            directory.look_up(["payments"], by=by)


def test_over_the_limit_no_text_is_stored(settings, actor_for, account):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    by = actor_for(account)
    for number in range(5):
        try:
            directory.look_up([f"guess-{number}"], by=by)
        except limits.TooManyTries:
            assert number >= 2

    assert ChargedText.objects.count() == 4  # for the person and for the account


def test_the_people_of_an_account_share_a_larger_limit(settings, actor_for, account):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    settings.UNKNOWN_ACCOUNTS_PER_ACCOUNT = (5, 600)
    people = [replace(actor_for(account), name=name) for name in ("mei", "lin", "wei")]
    for number, by in enumerate([*people, *people[:2]]):
        directory.look_up([f"guess-{number}"], by=by)

    for by in people:
        with pytest.raises(limits.TooManyTries):
            directory.look_up(["payments"], by=by)
    assert directory.look_up(["payments"], by=actor_for(AccountFactory.create())) == {
        "payments": []
    }


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 100_000, "", "💳", "for Mei"])
def test_a_text_that_no_account_can_have_costs_nothing(actor_for, account, text):
    assert directory.look_up([text], by=actor_for(account)) == {text: []}

    assert not Attempt.objects.exists()


def test_over_the_limit_existing_and_unknown_names_look_the_same(client_for, htmx, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    image = ImageFactory.create()
    AccountFactory.create(name="payments")
    browser = client_for(image.owner)
    check = page_of(image, "share/check/")
    browser.post(check, {"accounts": "guess-1 guess-2"}, headers=htmx)

    known, unknown = (
        browser.post(check, {"accounts": name}, headers=htmx) for name in ("payments", "pavments")
    )

    assert known.status_code == unknown.status_code == 429
    assert text_of(known) == text_of(unknown)


@pytest.mark.parametrize("spelling", ["account_id", "name", "uc_account"])
def test_each_identifier_finds_the_account(actor_for, spelling):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    share_with(image, actor_for(image.owner), getattr(recipient, spelling))

    assert image.grants.get().recipient == recipient


def test_only_an_exact_identifier_finds_an_account():
    image = ImageFactory.create()
    AccountFactory.create(name="payments", account_id="ab" * 16, uc_account="uc-payments")

    for near in ("payment", "Payments", "payments ", "AB" * 16, "ab" * 15, "ｐayments", "💳"):
        assert verdicts(image, near) == [Verdict.UNKNOWN]


def test_a_name_that_matches_two_accounts_is_ambiguous(actor_for):
    image = ImageFactory.create()
    first = AccountFactory.create(name="search")
    AccountFactory.create(uc_account="search")

    assert verdicts(image, "search", first.account_id) == [Verdict.AMBIGUOUS, Verdict.READY]
    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), "search")


def test_operators_are_not_limited(settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    payments = AccountFactory.create(name="payments")
    directory.look_up(["guess-1", "guess-2"], by=SYSTEM)

    found = directory.look_up(["guess-3", "payments"], by=SYSTEM)

    assert found == {"guess-3": [], "payments": [payments]}


def test_attempts_counted_for_an_operator_are_ignored(settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    payments = AccountFactory.create(name="payments")
    limits.spend("look-up:system", allowance=(2, 600), cost=2)

    assert directory.look_up(["payments"], by=SYSTEM) == {"payments": [payments]}
