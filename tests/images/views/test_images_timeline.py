"""The latest activity on the page of an image."""

from __future__ import annotations

import pytest

from accounts.audit import Verb
from images import sharing

from ...dom import find_all
from ..pages import page_of, text_of
from .events import build_entries, record_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


def test_an_image_page_shows_the_latest_activity_of_the_image(client_for, account, image, payments):
    target = {"target_type": "image", "target_id": "m-golden00", "target_name": "golden"}
    record_events(account, 12, verb=Verb.EDIT_IMAGE, **target)
    record_events(account, 2)
    page = client_for(account).get(page_of(image))

    assert [entry.request_id for entry in page.context["activities"]] == [
        f"request-{number}" for number in range(11, 1, -1)
    ]
    assert find_all(page, "a", href="/bj/activity/?image=m-golden00")


def test_a_recipient_sees_only_its_own_part_of_the_activity(
    client_for, image, mei, payments, logistics
):
    sharing.share(image=image, entries=build_entries(payments, logistics), by=mei)

    text = text_of(client_for(payments).get(page_of(image)))

    assert "Shared with you golden" in text
    assert "mei" not in text
    assert "logistics" not in text


def test_an_image_page_says_when_there_is_no_activity(client_for, account, image):
    assert "No activity for this image yet." in text_of(client_for(account).get(page_of(image)))
