"""Undo what can still be undone: verdicts first, then exactly the accounts that were shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from accounts.models import Account, AuditEvent
from images.models import ShareGrant

from ..dom import find_all, get_text, get_values
from ..factories import AccountFactory, ImageFactory, ShareGrantFactory
from .pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
NAMES = ("ann", "bob", "cid", "dan", "eve")


@pytest.fixture
def image():
    """Return an image that is shared with five accounts."""
    image = ImageFactory.create(name="golden")
    for name in NAMES:
        ShareGrantFactory.create(image=image, recipient__name=name, shared_at=LONG_AGO)
    return image


@pytest.fixture
def browser(image, client_for):
    return client_for(image.owner)


@pytest.fixture
def undo(image, browser):
    """Unshare from all five, and return the URL that undoes it."""
    ids = [grant.recipient.account_id for grant in image.grants.all()]
    browser.post(page_of(image, "unshare/"), {"recipients": ids})
    return page_of(image, f"restore/{AuditEvent.objects.get(verb='image.unshared').pk}/")


def fill(*names):
    """Give the accounts the last image that they have room for."""
    for account in Account.objects.filter(name__in=names):
        ShareGrantFactory.create(recipient=account)
        Account.objects.filter(pk=account.pk).update(received_image_limit=1)


def get_ids(*names):
    return [Account.objects.get(name=name).account_id for name in names]


def get_recipients(image):
    return [grant.recipient.name for grant in image.grants.all()]


def get_verdicts(response):
    """Return the names in the list with their verdicts."""
    rows = [get_text(item).strip() for item in find_all(response, "li")]
    return {row[:3]: row[3:] for row in rows if row[:3] in NAMES}


def get_shared_names(response):
    """Return the accounts that the link to the Share dialog fills in."""
    hrefs = [dict(link.attributes).get("href", "") for link in find_all(response, "a")]
    (href,) = {href for href in hrefs if "/share/" in href}
    return parse_qs(urlsplit(href).query)["accounts"][0].splitlines()


def test_the_message_restores_nothing_but_shows_the_verdicts_if_some_are_refused(
    image, browser, undo, headers
):
    fill("bob", "eve")

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    assert get_recipients(image) == []
    assert list(get_verdicts(answer)) == ["bob", "eve", "ann", "cid", "dan"]
    assert get_values(answer, "accounts") == get_ids("ann", "cid", "dan")
    text = text_of(answer)
    assert "The image can't be shared with 2 accounts right now." in text
    assert "3 of 5 accounts get access to the image again." in text
    assert "Share again with 3 of 5 accounts" in text


def test_the_undo_page_shows_the_same_without_a_refusal(browser, undo, headers):
    fill("bob", "eve")

    page = browser.get(undo, headers=headers)

    assert page.status_code == 200
    assert get_values(page, "accounts") == get_ids("ann", "cid", "dan")
    assert "Recipient is at its limit" in text_of(page)
    assert "Nothing was undone" not in text_of(page)


def test_one_ok_restores_all_that_were_shown_as_restorable(image, browser, undo, headers):
    fill("bob", "eve")

    answer = browser.post(undo, {"accounts": get_ids("ann", "cid", "dan")}, headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert get_recipients(image) == ["ann", "cid", "dan"]
    assert {grant.shared_at for grant in image.grants.all()} == {LONG_AGO}
    sentence = "golden is shared again with ann, cid, dan, but not with bob, eve."
    assert sentence in text_of(browser.get("/bj/images/"))
    event = AuditEvent.objects.get(verb="image.shares-restored")
    assert event.recipients == get_ids("ann", "cid", "dan")
    assert [share["account"] for share in event.detail["recipients"]] == ["ann", "cid", "dan"]
    assert [(each["entry"], each["verdict"]) for each in event.detail["verdicts"]] == [
        ("bob", "no-room"),
        ("eve", "no-room"),
    ]


@pytest.mark.parametrize("address", ["activity/", "images/{image}/"])
def test_the_record_shows_what_was_not_restored_to_the_owner_alone(
    image, browser, undo, client_for, address
):
    fill("bob", "eve")
    browser.post(undo)
    browser.post(undo, {"accounts": get_ids("ann", "cid", "dan")})
    path = f"/bj/{address.format(image=image.image_id)}"

    done, refused = browser.get(path).context["activities"][:2]

    limit = "Recipient is at its limit"
    assert list(done.entries) == [("bob", limit), ("eve", limit)]
    assert [entry.text for entry in refused.entries] == ["bob", "eve", "ann", "cid", "dan"]
    assert text_of(browser.get(path)).count("bob Recipient is at its limit") == 2
    received = client_for(Account.objects.get(name="ann")).get(path).context["activities"][0]
    assert (received.action, received.entries) == ("Shared with you again", [])


def test_nothing_is_done_if_one_that_was_shown_cannot_be_restored_any_more(
    image, browser, undo, headers
):
    shown = get_values(browser.get(undo), "accounts")
    fill("cid")

    answer = browser.post(undo, {"accounts": shown}, headers=headers)

    assert answer.status_code == 422
    assert get_recipients(image) == []
    assert "The image can't be shared with 1 account right now." in text_of(answer)
    assert next(iter(get_verdicts(answer))) == "cid"
    assert get_values(answer, "accounts") == get_ids("ann", "bob", "dan", "eve")


def test_an_account_that_was_shown_as_refused_is_not_restored_when_it_has_room_again(
    image, browser, undo
):
    fill("bob")
    shown = get_values(browser.get(undo), "accounts")
    ShareGrant.objects.filter(recipient__name="bob").delete()

    browser.post(undo, {"accounts": shown})

    assert get_recipients(image) == ["ann", "cid", "dan", "eve"]


def test_an_account_that_was_not_shown_takes_no_slot_of_the_image(image, browser, undo):
    fill("ann")
    Account.objects.filter(pk=image.owner_id).update(recipient_limit=2)
    shown = get_values(browser.get(undo), "accounts")
    ShareGrant.objects.filter(recipient__name="ann").delete()

    answer = browser.post(undo, {"accounts": shown})

    assert shown == get_ids("bob", "cid")
    assert answer.status_code == 303
    assert get_recipients(image) == ["bob", "cid"]


def test_an_account_that_is_not_of_the_unshare_is_refused(image, browser, undo):
    stranger = AccountFactory.create()

    for account_id in (stranger.account_id, "\0", "nobody"):
        answer = browser.post(undo, {"accounts": [*get_ids("ann"), account_id]})
        assert answer.status_code == 422

    assert get_recipients(image) == []


def test_accounts_that_are_shared_with_again_do_not_prevent_undo(image, browser, undo, headers):
    share(browser, image, "bob")
    assert get_verdicts(browser.get(undo))["bob"].endswith("Already shared")

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert get_recipients(image) == list(NAMES)
    message = text_of(browser.get("/bj/images/"))
    assert "golden is shared again with ann, cid, dan and 1 more." in message


def test_without_a_restorable_account_the_way_out_fills_in_what_is_left(browser, undo, headers):
    fill("bob", "cid", "dan", "eve")
    Account.objects.get(name="ann").delete()

    for page in (browser.get(undo, headers=headers), browser.post(undo, headers=headers)):
        assert list(get_verdicts(page)) == list(NAMES)
        assert get_verdicts(page)["ann"].endswith("Account not found")
        assert not get_values(page, "accounts")
        assert not find_all(page, "button", type="submit", _class="button primary")
        assert get_shared_names(page) == ["bob", "cid", "dan", "eve"]


def test_if_all_are_shared_with_again_nothing_is_left(image, browser, undo, headers):
    share(browser, image, " ".join(NAMES))

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    assert "The image is already shared with these accounts." in text_of(answer)
    assert not [link for link in find_all(answer, "a") if "accounts=" in str(link)]


def test_after_an_undo_in_part_the_rest_can_be_shared_with(browser, undo, headers):
    fill("bob", "eve")
    browser.post(undo, {"accounts": get_ids("ann", "cid", "dan")})

    for page in (browser.get(undo, headers=headers), browser.post(undo, headers=headers)):
        assert "This unshare was already undone." in text_of(page)
        assert get_shared_names(page) == ["bob", "eve"]


def test_after_ten_minutes_all_can_be_shared_with(browser, undo):
    unshared = AuditEvent.objects.get(verb="image.unshared")

    with time_machine.travel(unshared.at + timedelta(minutes=10, seconds=1)):
        page = browser.get(undo)

    assert "Unsharing can be undone for 10 minutes only." in text_of(page)
    assert get_shared_names(page) == list(NAMES)


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_a_recipient_sees_none_of_it(image, browser, undo, client_for, name):
    fill("bob", "eve")
    browser.post(undo, {"accounts": get_ids("ann", "cid", "dan")})
    account = Account.objects.get(name=name)

    page = client_for(account).get(undo)

    assert page.status_code == (403 if name == "ann" else 404)
    assert not {"cid", "dan", "eve"} & set(text_of(page).split())
