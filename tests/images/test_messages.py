"""What is said after something was done, and to whom."""

from __future__ import annotations

import pytest

from ..factories import PASSWORD, ImageFactory, ShareGrantFactory, UserFactory
from .pages import page_of

pytestmark = pytest.mark.django_db


def test_what_was_said_to_one_person_is_not_for_who_signs_in_next(client):
    grant = ShareGrantFactory.create(image__name="golden")
    first = UserFactory.create(account=grant.owner)
    client.post("/sign-in/", {"username": first.username, "password": PASSWORD})
    client.post(page_of(grant.image, "unshare/"), {"recipients": grant.recipient.account_id})
    client.post("/sign-out/")

    second = UserFactory.create()
    client.post("/sign-in/", {"username": second.username, "password": PASSWORD})

    assert "golden" not in client.get("/bj/images/").content.decode()


def test_what_was_said_is_said_once(client_for):
    grant = ShareGrantFactory.create(image=ImageFactory.create(name="golden"))
    browser = client_for(grant.owner)
    browser.post(page_of(grant.image, "unshare/"), {"recipients": grant.recipient.account_id})

    assert "golden is no longer shared" in browser.get("/bj/images/").content.decode()
    assert "golden is no longer shared" not in browser.get("/bj/images/").content.decode()
