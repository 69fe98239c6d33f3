"""Images of other accounts: not found, or visible but protected from changes."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import Image, ShareGrant

from ...factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of, without_ids

pytestmark = pytest.mark.django_db

DIALOGS = {
    "share/": {"accounts": "somebody", "acknowledged": "on"},
    "share/check/": {"accounts": "somebody"},
    "unshare/": {"recipients": "0" * 32},
    "edit/": {"name": "mine", "desc": ""},
    "delete/": {},
}
SENTENCES = {
    "received": "Only the owner can share, unshare, copy, edit or delete this image.",
    "public": "Only custom images can be shared, copied, edited or deleted.",
}


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_image_of_a_stranger_is_not_found(client_for, headers, dialog, method):
    image = ImageFactory.create()
    browser = client_for(AccountFactory.create())
    missing = image.get_absolute_url().replace(image.image_id, "m-00000000")

    responses = [
        getattr(browser, method)(path + dialog, DIALOGS[dialog], headers=headers)
        for path in (page_of(image), missing)
    ]

    if (method, dialog) != ("get", "share/check/"):
        assert [response.status_code for response in responses] == [404, 404]
    assert without_ids(responses[0]) == without_ids(responses[1])
    assert Image.objects.get() == image
    assert {event.verb for event in AuditEvent.objects.all()} <= {"image.opened"}


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("kind", ["received", "public"])
def test_a_change_of_an_image_of_another_owner_is_refused(client_for, dialog, kind):
    grant = ShareGrantFactory.create()
    public = PublicImageFactory.create()
    image = grant.image if kind == "received" else public
    before = list(Image.objects.order_by("pk").values())

    response = client_for(grant.recipient).post(page_of(image, dialog), DIALOGS[dialog])

    assert response.status_code == 403
    assert SENTENCES[kind] in text_of(response)
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_name) == ("refused", image.name)
    assert "mine" not in text_of(response)
    assert list(Image.objects.order_by("pk").values()) == before
    assert list(ShareGrant.objects.all()) == [grant]


def test_an_image_is_found_only_in_its_own_region(client_for):
    RegionFactory.create(code="gz")
    image = ImageFactory.create(region__code="bj")
    browser = client_for(image.owner)

    assert browser.get(f"/bj/images/{image.image_id}/").status_code == 200
    assert browser.get(f"/gz/images/{image.image_id}/").status_code == 404
    assert browser.get("/xx/images/").status_code == 404


def test_image_ids_are_case_sensitive(client_for):
    image = ImageFactory.create(image_id="m-abcdefgh")
    browser = client_for(image.owner)

    assert browser.get("/bj/images/m-ABCDEFGH/").status_code == 404
    assert browser.get("/bj/images/M-abcdefgh/").status_code == 404
