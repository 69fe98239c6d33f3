"""What is recorded, and what happens if it cannot be recorded."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import DatabaseError

from accounts.models import AuditEvent
from images import sharing
from images.models import ShareGrant

from ..factories import AccountFactory, ImageFactory
from ..images.verbs import share_with

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_nothing_is_shared_if_the_audit_event_cannot_be_written(actor_for):
    image = ImageFactory.create()
    by = dataclasses.replace(actor_for(image.owner), request_id="x" * 37)

    with pytest.raises(DatabaseError, match="value too long"):
        share_with(image, by, AccountFactory.create().name)

    assert not ShareGrant.objects.exists()


def test_of_a_long_list_that_was_refused_the_first_hundred_are_kept(actor_for):
    image, other = ImageFactory.create(), AccountFactory.create()

    wrong = [f"wrong-{number}" for number in range(150)]

    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), other.name, *wrong)

    detail = AuditEvent.objects.get().detail
    assert (len(detail["verdicts"]), detail["refused"]) == (100, 150)
    assert {each["verdict"] for each in detail["verdicts"]} == {"unknown"}


def test_long_entries_are_truncated_in_the_audit_trail(actor_for):
    image = ImageFactory.create()

    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), "x" * 900_000, "a\0b")

    assert AuditEvent.objects.get().detail["verdicts"] == [
        {"entry": "x" * 80, "verdict": "unknown"},
        {"entry": "a\ufffdb", "verdict": "unknown"},
    ]
