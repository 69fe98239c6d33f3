"""The latest activity on the page of an image."""

from __future__ import annotations

import pytest

from accounts.audit import Verb
from images import sharing

from ..pages import page_of, text_of
from .events import happened, named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


def test_an_image_shows_the_latest_of_its_own_activity(client_for, account, image, payments):
    target = {"target_type": "image", "target_id": "m-golden00", "target_name": "golden"}
    happened(account, 12, verb=Verb.EDIT_IMAGE, **target)
    happened(account, 2)
    page = client_for(account).get(page_of(image))

    assert [entry.request_id for entry in page.context["entries"]] == [
        f"request-{number}" for number in range(11, 1, -1)
    ]
    assert 'href="/activity/?image=m-golden00"' in page.content.decode()


def test_a_recipient_sees_its_own_part_of_it(client_for, image, mei, payments, logistics):
    sharing.share(image=image, entries=named(payments, logistics), by=mei)

    text = text_of(client_for(payments).get(page_of(image)))

    assert "Shared with you golden" in text
    assert "mei" not in text
    assert "logistics" not in text


def test_where_nothing_was_done_yet_the_page_says_so(client_for, account, image):
    assert "Nothing was done with this image yet." in text_of(
        client_for(account).get(page_of(image))
    )
