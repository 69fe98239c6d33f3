"""The inbox of a recipient: images that were shared with it and unshared from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User

from ...dom import find_all, get_text
from ...factories import AccountFactory, ImageFactory, InstanceFactory, RegionFactory, UserFactory
from .. import verbs
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

NEWS = "Inbox, new items"


@pytest.fixture
def recipient():
    RegionFactory.create()
    return AccountFactory.create(name="payments")


@pytest.fixture
def browser(client_for, recipient):
    return client_for(recipient)


def unshare(client, image, recipient):
    client.post(page_of(image, "unshare/"), {"recipients": recipient.account_id})


def get_newest_time(page):
    return page.context["news"][0][0].at.isoformat()


def test_a_share_is_new_until_the_inbox_is_marked_as_read(client_for, browser, recipient, headers):
    image = ImageFactory.create(name="golden", owner__name="platform")
    assert NEWS not in browser.get("/bj/images/").content.decode()

    share(client_for(image.owner), image, recipient.name)

    assert NEWS in browser.get("/bj/images/").content.decode()
    page = browser.get("/bj/inbox/", headers=headers)
    (title,) = find_all(page, "h2", id="news-title")
    assert get_text(title) == "New"
    assert "Shared with you golden" in text_of(page)
    assert re.search(r"platform [0-9a-f]{32} · Beijing · ", text_of(page))

    response = browser.post("/bj/inbox/seen/", {"until": get_newest_time(page)}, headers=headers)

    assert response.status_code == (200 if headers else 303)
    assert NEWS not in response.content.decode()
    assert NEWS not in browser.get("/bj/images/").content.decode()
    page = browser.get("/bj/inbox/", headers=headers)
    assert not find_all(page, "h2", id="news-title")
    assert "Shared with you golden" in text_of(page)


def test_an_unshare_says_how_many_instances_use_the_image(client_for, browser, recipient):
    image = ImageFactory.create(name="golden")
    owner = client_for(image.owner)
    share(owner, image, recipient.name)
    InstanceFactory.create_batch(3, owner=recipient, image=image)
    InstanceFactory.create(image=image)

    unshare(owner, image, recipient)
    page = browser.get("/bj/inbox/")

    assert "No longer shared with you golden" in text_of(page)
    sentence = (
        "3 of your instances use this image. They keep running but can't be reinstalled from it."
    )
    assert sentence in text_of(page)
    assert page_of(image) not in page.content.decode()


def test_a_visible_image_is_a_link(client_for, browser, recipient):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    assert find_all(browser.get("/bj/inbox/"), "a", href=page_of(image))


def test_an_undone_unshare_is_shown(client_for, browser, recipient):
    image = ImageFactory.create(name="golden")
    owner = client_for(image.owner)
    share(owner, image, recipient.name)
    unshare(owner, image, recipient)
    undo = owner.get("/bj/images/").content.decode().split("/restore/")[1].split("/")[0]
    owner.post(page_of(image, f"restore/{undo}/"))

    assert "Shared with you again golden" in text_of(browser.get("/bj/inbox/"))


def test_each_person_of_an_account_reads_the_inbox_separately(client_for, recipient):
    image = ImageFactory.create()
    one, other = client_for(recipient), client_for(recipient)
    share(client_for(image.owner), image, recipient.name)

    one.post("/bj/inbox/seen/", {"until": get_newest_time(one.get("/bj/inbox/"))})

    assert NEWS not in one.get("/bj/images/").content.decode()
    assert NEWS in other.get("/bj/images/").content.decode()


def test_a_share_after_the_inbox_was_opened_stays_new(client_for, browser, recipient):
    first, second = ImageFactory.create_batch(2)
    share(client_for(first.owner), first, recipient.name)
    page = browser.get("/bj/inbox/")
    share(client_for(second.owner), second, recipient.name)

    browser.post("/bj/inbox/seen/", {"until": get_newest_time(page)})

    assert NEWS in browser.get("/bj/images/").content.decode()
    ((activity, *_),) = browser.get("/bj/inbox/").context["news"]
    assert activity.target_id == second.image_id


@pytest.mark.parametrize(
    "until", ["", "yesterday", "2026-02-31T00:00:00Z", "a\0b", "0001-01-01T00:00:00Z"]
)
def test_an_invalid_time_marks_nothing_as_read(client_for, browser, recipient, until):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    assert browser.post("/bj/inbox/seen/", {"until": until}).status_code == 303
    assert NEWS in browser.get("/bj/images/").content.decode()


def test_the_inbox_cannot_be_marked_as_read_for_the_future(client_for, browser, recipient):
    browser.post("/bj/inbox/seen/", {"until": "9999-12-31T23:59:59Z"})
    image = ImageFactory.create()

    share(client_for(image.owner), image, recipient.name)

    assert NEWS in browser.get("/bj/images/").content.decode()


def test_read_items_do_not_become_new():
    seen = datetime(2026, 11, 24, tzinfo=UTC)
    person = UserFactory.create(inbox_seen_at=seen)
    browser = Client()
    browser.force_login(person)
    browser.post("/bj/inbox/seen/", {"until": "2026-11-01T00:00:00Z"})

    assert User.objects.get(pk=person.pk).inbox_seen_at == seen


def test_opening_the_inbox_does_not_mark_it_as_read(client_for, browser, recipient):
    image = ImageFactory.create()
    share(client_for(image.owner), image, recipient.name)

    browser.get("/bj/inbox/")

    assert NEWS in browser.get("/bj/images/").content.decode()


def test_own_shares_are_not_in_the_inbox(client_for, recipient):
    image = ImageFactory.create()
    owner = client_for(image.owner)

    share(owner, image, recipient.name)

    assert NEWS not in owner.get("/bj/images/").content.decode()
    assert "Your inbox is empty" in text_of(owner.get("/bj/inbox/"))


def test_a_recipient_sees_nothing_about_other_recipients(client_for, browser, recipient):
    image = ImageFactory.create()
    other = AccountFactory.create(name="somebody-else")
    share(client_for(image.owner), image, f"{recipient.name} {other.name}")

    page = browser.get("/bj/inbox/").content.decode()

    assert "somebody-else" not in page
    assert other.account_id not in page


def share_and_unshare(images, name, actor_for):
    for image in images:
        by = actor_for(image.owner)
        verbs.share_with(image, by, name)
        verbs.unshare(image.grants.get(), by)


def test_the_inbox_shows_fifty_items_and_links_to_the_activity(actor_for, browser, recipient):
    share_and_unshare(ImageFactory.create_batch(25), recipient.name, actor_for)
    page = browser.get("/bj/inbox/")
    assert "These are the newest 50 items." not in text_of(page)
    assert len(page.context["news"]) == 50

    last = ImageFactory.create()
    verbs.share_with(last, actor_for(last.owner), recipient.name)
    page = browser.get("/bj/inbox/")

    assert "These are the newest 50 items. View all activity" in text_of(page)
    assert len(page.context["news"]) == 50


@pytest.mark.parametrize("rows", [1, 30])
def test_the_inbox_takes_six_queries(actor_for, browser, htmx, django_assert_num_queries, rows):
    share_and_unshare(ImageFactory.create_batch(rows), "payments", actor_for)

    with django_assert_num_queries(6):
        page = browser.get("/bj/inbox/", headers=htmx)

    assert len(page.context["news"]) == (2 if rows == 1 else 50)
