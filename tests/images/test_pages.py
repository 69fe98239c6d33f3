"""The flow of the document, and who sees what."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import AuditEvent
from images.models import Image, ShareGrant

from ..factories import (
    PASSWORD,
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_the_flow_of_the_document(headers, account):
    """Sign in, Image, select, Share Image, enter IDs, OK; Unshare, list, choose, OK."""
    UserFactory.create(username="mei", account=account)
    image = ImageFactory.create(owner=account, name="golden")
    payments = AccountFactory.create(name="payments", uc_account="baidu-payments")
    search = AccountFactory.create(name="search")
    browser = Client(enforce_csrf_checks=True)

    page = browser.get("/sign-in/")
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    page = browser.post(
        "/sign-in/", {"username": "mei", "password": PASSWORD, **token}, follow=True
    )
    assert page.redirect_chain[-1][0] == "/bj/"
    assert "golden" in text_of(browser.get("/bj/images/"))
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}

    chosen = {"action": "share", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", chosen, headers=headers, follow=True)
    assert dialog.redirect_chain == [(page_of(image, "share/"), 302)]
    assert "Shared with 0 of 50 users; 50 left" in text_of(dialog)

    answer = browser.post(
        page_of(image, "share/"),
        {
            "accounts": f"baidu-payments\n{search.account_id}",
            "acknowledged": "on",
            **token,
        },
        headers=headers,
    )
    assert answer.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/", headers=headers)
    assert "golden is now shared with payments, search." in text_of(page)
    assert "2 / 50" in text_of(page)
    assert set(image.grants.values_list("recipient__name", flat=True)) == {"payments", "search"}

    chosen = {"action": "unshare", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", chosen, headers=headers, follow=True)
    assert f'value="{payments.account_id}"' in dialog.content.decode()
    assert f'value="{search.account_id}"' in dialog.content.decode()

    answer = browser.post(
        page_of(image, "unshare/"), {"recipients": [search.account_id], **token}, headers=headers
    )
    assert answer.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/", headers=headers)
    assert "golden is no longer shared with search." in text_of(page)
    assert list(image.grants.values_list("recipient__name", flat=True)) == ["payments"]


def test_htmx_is_told_to_close_the_dialog_and_refresh_the_list(client_for, htmx):
    grant = ShareGrantFactory.create()

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id]},
        headers=htmx,
    )

    assert answer.status_code == 204
    assert set(answer.headers["HX-Trigger"].split('"')) >= {"images:changed", "dialog:close"}


@pytest.mark.parametrize("dialog", ["share/", "unshare/", "edit/", "delete/"])
def test_a_dialog_is_a_fragment_for_htmx_and_a_page_without(client_for, htmx, dialog):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)

    fragment = browser.get(page_of(grant.image, dialog), headers=htmx)
    page = browser.get(page_of(grant.image, dialog))

    assert "<html" not in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


def test_the_list_is_a_fragment_for_htmx(client_for, account, htmx):
    ImageFactory.create(owner=account, name="golden")

    fragment = client_for(account).get("/bj/images/", headers=htmx).content.decode()

    assert "golden" in fragment
    assert "<html" not in fragment


def test_each_tab_shows_its_images_of_the_region_only(client_for, account):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(recipient=account, image__name="given")
    ShareGrantFactory.create(
        recipient=account, image__name="given-elsewhere", image__region__code="gz"
    )
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    shown = {
        tab: [row["image"].name for row in browser.get(f"/bj/images/?type={tab}").context["rows"]]
        for tab in ("custom", "shared", "public")
    }

    assert shown == {"custom": ["mine"], "shared": ["given"], "public": ["for-all"]}


def test_the_shared_tab_names_owner_and_its_own_limit(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__owner__name="security")
    ShareGrantFactory.create(recipient=account, image__region__code="gz")

    page = client_for(account).get("/bj/images/?type=shared")

    assert "security" in text_of(page)
    assert grant.owner.account_id in text_of(page)
    assert "2 of 20 shared images" in text_of(page)


def test_after_unsharing_the_image_is_gone_for_the_recipient(client_for):
    grant = ShareGrantFactory.create(image__name="golden")
    recipient, owner = client_for(grant.recipient), client_for(grant.owner)
    assert "golden" in text_of(recipient.get("/bj/images/?type=shared"))

    owner.post(page_of(grant.image, "unshare/"), {"recipients": [grant.recipient.account_id]})

    assert "golden" not in text_of(recipient.get("/bj/images/?type=shared"))
    assert recipient.get(page_of(grant.image)).status_code == 404


def test_a_recipient_does_not_see_the_other_recipients(client_for):
    image = ImageFactory.create()
    one = ShareGrantFactory.create(image=image)
    other = ShareGrantFactory.create(image=image, recipient__name="the-other-one")
    browser = client_for(one.recipient)

    for path in (page_of(image), "/bj/images/?type=shared", page_of(image, "unshare/")):
        page = browser.get(path).content.decode()
        assert "the-other-one" not in page
        assert other.recipient.account_id not in page
        assert "/ 50" not in page


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


def test_a_disabled_action_says_why(client_for, account):
    making = ImageFactory.create(owner=account, creating=True)
    ShareGrantFactory.create_batch(3, image__owner=account, image=ImageFactory(owner=account))

    page = text_of(client_for(account).get("/bj/images/"))

    assert "Only an available image can be shared, copied or used." in page
    assert "Shared with 3 accounts. Unshare it first." in page
    assert "An image that is being created cannot be deleted." in page
    assert making.name in page


def test_a_shared_image_leads_from_delete_to_unshare(client_for, headers):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(2, image=image)
    browser = client_for(image.owner)

    asked = browser.get(page_of(image, "delete/"), headers=headers)
    forced = browser.post(page_of(image, "delete/"), headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    for answer in (asked, forced):
        assert "Shared with 2 accounts. Unshare it first." in text_of(answer)
        assert f'href="{page_of(image, "unshare/")}"' in answer.content.decode()
    assert Image.objects.get() == image
