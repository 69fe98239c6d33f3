"""An image of somebody else is a missing image, or one that cannot be changed."""

from __future__ import annotations

import re

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
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db

DIALOGS = {
    "share/": {"accounts": "somebody", "acknowledged": "on"},
    "share/check/": {"accounts": "somebody"},
    "unshare/": {"recipients": "0" * 32},
    "edit/": {"name": "mine", "desc": ""},
    "delete/": {},
}


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_strangers_image_is_a_missing_image(client_for, headers, dialog, method):
    image = ImageFactory.create()
    browser = client_for(AccountFactory.create())
    missing = image.get_absolute_url().replace(image.image_id, "m-00000000")

    answers = [
        getattr(browser, method)(path + dialog, DIALOGS[dialog], headers=headers)
        for path in (page_of(image), missing)
    ]

    if (method, dialog) != ("get", "share/check/"):
        assert [answer.status_code for answer in answers] == [404, 404]
    without_request_id = [re.sub(rb"[0-9a-f-]{36}", b"", a.content) for a in answers]
    assert without_request_id[0] == without_request_id[1]
    assert Image.objects.get() == image
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("kind", ["received", "public"])
def test_forcing_an_action_on_an_image_of_others_is_refused(client_for, dialog, kind):
    grant = ShareGrantFactory.create()
    public = PublicImageFactory.create()
    image = grant.image if kind == "received" else public
    before = list(Image.objects.order_by("pk").values())

    answer = client_for(grant.recipient).post(page_of(image, dialog), DIALOGS[dialog])

    assert answer.status_code == 403
    assert ("Only its owner" if kind == "received" else "Only custom images") in text_of(answer)
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_name) == ("refused", image.name)
    assert "mine" not in text_of(answer)
    assert list(Image.objects.order_by("pk").values()) == before
    assert list(ShareGrant.objects.all()) == [grant]


def test_an_image_is_found_in_its_own_region_only(client_for):
    RegionFactory.create(code="gz")
    image = ImageFactory.create(region__code="bj")
    browser = client_for(image.owner)

    assert browser.get(f"/bj/images/{image.image_id}/").status_code == 200
    assert browser.get(f"/gz/images/{image.image_id}/").status_code == 404
    assert browser.get("/xx/images/").status_code == 404


def test_an_id_in_upper_case_is_another_id(client_for):
    image = ImageFactory.create(image_id="m-abcdefgh")
    browser = client_for(image.owner)

    assert browser.get("/bj/images/m-ABCDEFGH/").status_code == 404
    assert browser.get("/bj/images/M-abcdefgh/").status_code == 404
