"""Messages and redirects after an action."""

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


def test_an_htmx_response_closes_the_dialog_and_refreshes_the_list(client_for, htmx):
    grant = ShareGrantFactory.create()

    response = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id]},
        headers=htmx,
    )

    assert response.status_code == 204
    assert set(response.headers["HX-Trigger"].split('"')) >= {"images:changed", "dialog:close"}


def test_deleting_an_image_on_its_own_page_leads_to_the_list(client_for, htmx):
    image = ImageFactory.create()
    current_url = {"HX-Current-URL": f"http://testserver{image.get_absolute_url()}#recipients"}

    response = client_for(image.owner).post(page_of(image, "delete/"), headers=htmx | current_url)

    assert response.headers["HX-Redirect"] == "/bj/images/"


def test_a_message_is_not_shown_to_the_next_person_who_signs_in(client):
    grant = ShareGrantFactory.create(image__name="golden")
    first = UserFactory.create(account=grant.owner)
    client.post("/sign-in/", {"username": first.username, "password": PASSWORD})
    client.post(page_of(grant.image, "unshare/"), {"recipients": grant.recipient.account_id})
    client.post("/sign-out/")

    second = UserFactory.create()
    client.post("/sign-in/", {"username": second.username, "password": PASSWORD})

    assert "golden" not in client.get("/bj/images/").content.decode()


def test_a_message_is_shown_once(client_for):
    grant = ShareGrantFactory.create(image=ImageFactory.create(name="golden"))
    browser = client_for(grant.owner)
    browser.post(page_of(grant.image, "unshare/"), {"recipients": grant.recipient.account_id})

    assert "golden is no longer shared" in browser.get("/bj/images/").content.decode()
    assert "golden is no longer shared" not in browser.get("/bj/images/").content.decode()
