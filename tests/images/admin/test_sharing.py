from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Account, AuditEvent
from images.models import ShareGrant

from ...admin import last_event
from ...dom import get_values
from ...factories import (
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    PublicImageFactory,
)
from ..pages import text_of

pytestmark = pytest.mark.django_db


def page_of(image):
    return f"/admin/images/image/{image.pk}/share/"


def check(browser, image, accounts):
    return browser.post(page_of(image), {"accounts": accounts, "check": "1"})


def decide(browser, image, checked, accounts, **fields):
    """Press OK on the page that showed the verdicts."""
    shown = get_values(checked, "shown")
    data = {"accounts": accounts, "shown": shown, "acknowledged": "on", "ok": "1"} | fields
    return browser.post(page_of(image), data, follow=True)


def test_sharing_first_shows_the_verdicts_and_the_risk_notice(operator):
    image = ImageFactory.create(name="golden")
    one, two = AccountFactory.create(name="payments"), AccountFactory.create(name="search")

    page = check(operator, image, "payments, search")

    text = text_of(page)
    assert "Shares with 2 accounts" in text
    assert "Recipients get everything on this disk." in text
    assert one.account_id in text
    assert two.account_id in text
    assert not ShareGrant.objects.exists()
    assert not AuditEvent.objects.exists()

    done = text_of(decide(operator, image, page, "payments, search"))

    assert "golden is now shared with payments, search." in done
    assert {grant.shared_by for grant in image.grants.all()} == {"op"}
    assert last_event() == ("admin", "op", "image.shared", "done", image.image_id)
    assert AuditEvent.objects.get().detail["acknowledged"] == "2027-01 en"


def test_nothing_is_shared_without_the_acknowledgment(operator):
    image, account = ImageFactory.create(), AccountFactory.create()
    page = check(operator, image, account.name)

    refused = decide(operator, image, page, account.name, acknowledged="")

    assert refused.status_code == 422
    assert "Confirm that you checked this image." in text_of(refused)
    assert account.name in text_of(refused)
    assert not ShareGrant.objects.exists()


def test_an_entry_that_is_refused_offers_no_button(operator):
    image, account = ImageFactory.create(), AccountFactory.create()

    page = check(operator, image, f"{account.name} nobody {image.owner.name}")

    assert "Account not found" in text_of(page)
    assert "Owner of this image" in text_of(page)
    assert get_values(page, "ok") == []
    forced = decide(operator, image, page, f"{account.name} nobody")
    assert forced.status_code == 422
    assert last_event() == ("admin", "op", "image.shared", "refused", image.image_id)
    assert not ShareGrant.objects.exists()


def test_an_account_that_was_not_shown_is_shown_first(operator):
    image, account = ImageFactory.create(), AccountFactory.create()
    page = check(operator, image, account.name)
    added = AccountFactory.create()

    again = decide(operator, image, page, f"{account.name} {added.name}")

    assert added.account_id in text_of(again)
    assert not ShareGrant.objects.exists()
    decide(operator, image, again, f"{account.name} {added.name}")
    assert image.grants.count() == 2


def test_a_name_that_means_another_account_by_now_is_refused(operator):
    image, account = ImageFactory.create(), AccountFactory.create(name="payments")
    page = check(operator, image, "payments")
    Account.objects.filter(pk=account.pk).update(name="former")
    AccountFactory.create(name="payments")

    refused = decide(operator, image, page, "payments")

    assert f"not {account.account_id} as shown before." in text_of(refused)
    assert not ShareGrant.objects.exists()


def test_an_operator_cannot_share_public_or_unavailable_images(operator):
    public = PublicImageFactory.create()
    creating = ImageFactory.create(creating=True)

    for image, sentence in (
        (public, "Only custom images can be shared, copied, edited or deleted."),
        (creating, "Only available images can be shared, copied or used."),
    ):
        assert sentence in text_of(operator.get(page_of(image), follow=True))
        data = {"accounts": AccountFactory.create().name, "acknowledged": "on", "ok": "1"}
        assert sentence in text_of(operator.post(page_of(image), data, follow=True))
    assert not ShareGrant.objects.exists()


def test_staff_without_the_permission_cannot_share(client):
    image = ImageFactory.create()
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_image"))
    client.force_login(clerk)

    page = client.get(f"/admin/images/image/{image.pk}/change/")
    forced = client.get(f"/admin/images/image/{image.pk}/share/")

    assert (page.status_code, forced.status_code) == (200, 403)
    assert "/share/" not in page.content.decode()
