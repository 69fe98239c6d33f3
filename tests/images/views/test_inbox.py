"""What recipients are told: shared with you, no longer shared with you, since the last look."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User

from ...factories import AccountFactory, ImageFactory, InstanceFactory, RegionFactory, UserFactory
from .. import verbs
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

NEWS = "Inbox, with news"


@pytest.fixture
def recipient():
    RegionFactory.create()
    return AccountFactory.create(name="payments")


@pytest.fixture
def browser(client_for, recipient):
    return client_for(recipient)


def unshare(client, image, recipient):
    client.post(page_of(image, "unshare/"), {"recipients": recipient.account_id})


def until_of(page):
    return page.context["news"][0][0].at.isoformat()


def test_the_dot_is_there_once_something_is_shared_and_gone_after_a_look(
    client_for, browser, recipient, headers
):
    image = ImageFactory.create(name="golden", owner__name="platform")
    assert NEWS not in browser.get("/bj/images/").content.decode()

    share(client_for(image.owner), image, recipient.name)

    assert NEWS in browser.get("/bj/images/").content.decode()
    page = browser.get("/inbox/", headers=headers)
    assert "Since your last look" in text_of(page)
    assert "Shared with you golden" in text_of(page)
    assert re.search(r"platform [0-9a-f]{32} · Beijing · ", text_of(page))

    answer = browser.post("/inbox/seen/", {"until": until_of(page)}, headers=headers)

    assert answer.status_code == (200 if headers else 303)
    assert NEWS not in answer.content.decode()
    assert NEWS not in browser.get("/bj/images/").content.decode()
    page = browser.get("/inbox/", headers=headers)
    assert "Since your last look" not in text_of(page)
    assert "Shared with you golden" in text_of(page)


def test_what_is_taken_back_is_told_with_what_was_made_from_it(client_for, browser, recipient):
    image = ImageFactory.create(name="golden")
    owner = client_for(image.owner)
    share(owner, image, recipient.name)
    InstanceFactory.create_batch(3, owner=recipient, image=image)
    InstanceFactory.create(image=image)

    unshare(owner, image, recipient)
    page = browser.get("/inbox/")

    assert "No longer shared with you golden" in text_of(page)
    assert "3 of your instances were made from it." in text_of(page)
    assert page_of(image) not in page.content.decode()


def test_what_can_still_be_opened_is_a_link(client_for, browser, recipient):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    assert f'href="{page_of(image)}"' in browser.get("/inbox/").content.decode()


def test_an_undone_unshare_is_told(client_for, browser, recipient):
    image = ImageFactory.create(name="golden")
    owner = client_for(image.owner)
    share(owner, image, recipient.name)
    unshare(owner, image, recipient)
    undo = owner.get("/bj/images/").content.decode().split("/restore/")[1].split("/")[0]
    owner.post(page_of(image, f"restore/{undo}/"))

    assert "Shared with you again golden" in text_of(browser.get("/inbox/"))


def test_every_person_of_the_account_looks_for_themselves(client_for, recipient):
    image = ImageFactory.create()
    one, other = client_for(recipient), client_for(recipient)
    share(client_for(image.owner), image, recipient.name)

    one.post("/inbox/seen/", {"until": until_of(one.get("/inbox/"))})

    assert NEWS not in one.get("/bj/images/").content.decode()
    assert NEWS in other.get("/bj/images/").content.decode()


def test_what_comes_between_the_look_and_its_note_stays_news(client_for, browser, recipient):
    first, second = ImageFactory.create_batch(2)
    share(client_for(first.owner), first, recipient.name)
    looked = browser.get("/inbox/")
    share(client_for(second.owner), second, recipient.name)

    browser.post("/inbox/seen/", {"until": until_of(looked)})

    assert NEWS in browser.get("/bj/images/").content.decode()
    ((news, *_),) = browser.get("/inbox/").context["news"]
    assert news.target_id == second.image_id


@pytest.mark.parametrize(
    "until", ["", "yesterday", "2026-02-31T00:00:00Z", "a\0b", "0001-01-01T00:00:00Z"]
)
def test_a_note_that_makes_no_sense_changes_nothing(client_for, browser, recipient, until):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    assert browser.post("/inbox/seen/", {"until": until}).status_code == 303
    assert NEWS in browser.get("/bj/images/").content.decode()


def test_nobody_looks_into_the_future(client_for, browser, recipient):
    browser.post("/inbox/seen/", {"until": "9999-12-31T23:59:59Z"})
    image = ImageFactory.create()

    share(client_for(image.owner), image, recipient.name)

    assert NEWS in browser.get("/bj/images/").content.decode()


def test_a_look_is_not_taken_back():
    seen = datetime(2026, 11, 24, tzinfo=UTC)
    person = UserFactory.create(inbox_seen_at=seen)
    browser = Client()
    browser.force_login(person)
    browser.post("/inbox/seen/", {"until": "2026-11-01T00:00:00Z"})

    assert User.objects.get(pk=person.pk).inbox_seen_at == seen


def test_looking_by_itself_changes_nothing(client_for, browser, recipient):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    browser.get("/inbox/")

    assert NEWS in browser.get("/bj/images/").content.decode()


def test_the_owner_has_no_news_of_its_own_shares(client_for, recipient):
    image = ImageFactory.create()
    owner = client_for(image.owner)

    share(owner, image, recipient.name)

    assert NEWS not in owner.get("/bj/images/").content.decode()
    assert "Nothing here yet" in text_of(owner.get("/inbox/"))


def test_a_recipient_reads_nothing_of_the_others(client_for, browser, recipient):
    image = ImageFactory.create()
    other = AccountFactory.create(name="somebody-else")
    share(client_for(image.owner), image, f"{recipient.name} {other.name}")

    page = browser.get("/inbox/").content.decode()

    assert "somebody-else" not in page
    assert other.account_id not in page


def share_and_unshare(images, name, actor_for):
    for image in images:
        by = actor_for(image.owner)
        verbs.share_with(image, by, name)
        verbs.unshare(image.grants.get(), by)


def test_when_there_are_more_than_fifty_it_says_where_they_all_are(actor_for, browser, recipient):
    share_and_unshare(ImageFactory.create_batch(25), recipient.name, actor_for)
    last = ImageFactory.create()
    verbs.share_with(last, actor_for(last.owner), recipient.name)

    page = browser.get("/inbox/")

    assert "These are the newest 50. All are in the activity." in text_of(page)
    assert len(page.context["news"]) == 50


@pytest.mark.parametrize("rows", [1, 30])
def test_the_inbox_takes_six_queries(actor_for, browser, htmx, django_assert_num_queries, rows):
    share_and_unshare(ImageFactory.create_batch(rows), "payments", actor_for)

    with django_assert_num_queries(6):
        page = browser.get("/inbox/", headers=htmx)

    assert len(page.context["news"]) == (2 if rows == 1 else 50)
