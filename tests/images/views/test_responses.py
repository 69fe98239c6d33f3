"""What an answer says after something was done, and where it leads."""

from __future__ import annotations

import pytest

from ...factories import (
    PASSWORD,
    ImageFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..pages import page_of

pytestmark = pytest.mark.django_db


def test_htmx_is_told_to_close_the_dialog_and_refresh_the_list(client_for, htmx):
    grant = ShareGrantFactory.create()

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id]},
        headers=htmx,
    )

    assert answer.status_code == 204
    assert set(answer.headers["HX-Trigger"].split('"')) >= {"images:changed", "dialog:close"}


def test_deleting_from_its_own_page_leads_to_the_list(client_for, htmx):
    image = ImageFactory.create()
    here = {"HX-Current-URL": f"http://testserver{image.get_absolute_url()}#recipients"}

    answer = client_for(image.owner).post(page_of(image, "delete/"), headers=htmx | here)

    assert answer.headers["HX-Redirect"] == "/bj/images/"


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
