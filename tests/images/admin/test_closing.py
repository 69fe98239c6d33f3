"""The pages that close an account, report about it, and reopen it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent
from images.models import Image, ShareGrant

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver():
    account = AccountFactory.create(name="leaver")
    AccessKeyFactory.create(user__account=account, user__username="lee", description="pipeline")
    image = ImageFactory.create(owner=account, name="golden")
    ShareGrantFactory.create(image=image, recipient__name="search")
    ShareGrantFactory.create(image=image, recipient__name="payments")
    ShareGrantFactory.create(recipient=account, image__name="borrowed")
    InstanceFactory.create(owner=account, name="web")
    InstanceFactory.create_batch(3, image=image, owner=AccountFactory.create(name="dependent"))
    return account


def page_of(account, name):
    return f"/admin/accounts/account/{account.pk}/{name}/"


def shown_on(client, account):
    return client.get(page_of(account, "close")).context["shown"]


def close(client, account, **data):
    values = {"images": "keep", "shown": shown_on(client, account), **data}
    return client.post(page_of(account, "close"), values, follow=True)


def is_closed(account):
    account.refresh_from_db()
    return account.is_closed


def test_the_page_shows_what_goes_and_changes_nothing(operator, leaver):
    page = operator.get(page_of(leaver, "close")).content.decode()

    assert "Shares given that end: 2 (images: 1, accounts: 2)" in page
    assert "Shares received that end: 1" in page
    assert "Access keys that are disabled: 1" in page
    for name in ("golden", "borrowed", "lee", "web", "dependent"):
        assert name in page
    assert not is_closed(leaver)
    assert not AuditEvent.objects.exists()


def test_closing_leads_to_its_report(operator, leaver):
    report = close(operator, leaver).content.decode()

    assert is_closed(leaver)
    assert "The account leaver was closed." in report
    assert "Kept in the closed account" in report
    assert "search" in report
    assert "payments" in report
    assert not ShareGrant.objects.exists()


def test_the_report_stays_after_images_are_deleted_and_the_account_is_reopened(operator, leaver):
    close(operator, leaver, images="release")
    event = AuditEvent.objects.get(verb="account.closed")
    operator.post(page_of(leaver, "reopen"))

    listed = operator.get(page_of(leaver, "change")).content.decode()
    report = operator.get(page_of(leaver, f"closing/{event.pk}")).content.decode()

    assert page_of(leaver, f"closing/{event.pk}") in listed
    for text in ("golden", "borrowed", "lee", "web", "pipeline", event.request_id):
        assert text in report
    assert "Images deleted, instances released" in report
    assert operator.get(page_of(leaver, "closing/1234567")).status_code == 404


def test_what_changed_since_the_page_was_shown_is_shown_before_it_goes(operator, leaver):
    shown = shown_on(operator, leaver)
    ImageFactory.create(owner=leaver, name="newer")

    page = close(operator, leaver, shown=shown)

    assert page.status_code == 422
    assert "Nothing was closed. The account changed meanwhile." in page.content.decode()
    assert "newer" in page.content.decode()
    assert not is_closed(leaver)
    assert close(operator, leaver, shown=page.context["shown"]).redirect_chain
    assert is_closed(leaver)


@pytest.mark.parametrize("number", ["", "22", "many"])
def test_a_large_number_has_to_be_typed(operator, leaver, number):
    InstanceFactory.create_batch(15, owner=leaver)

    refused = close(operator, leaver)
    assert refused.status_code == 422
    assert "Enter 21, the number of" in refused.content.decode()
    close(operator, leaver, number=number)
    assert not is_closed(leaver)

    close(operator, leaver, number="21")
    assert is_closed(leaver)


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("", "Enter the account to hand the images and instances over to."),
        ("nobody", "Account not found"),
        ("leaver", "Enter another account than the one to close."),
        ("full", "full has 0 of 0 custom images in Beijing. There is no room for 1 more."),
    ],
)
def test_a_new_owner_is_refused_beside_the_field(operator, leaver, to, sentence):
    AccountFactory.create(name="full", custom_image_limit=0)

    page = close(operator, leaver, images="hand-over", to=to)

    assert sentence in page.content.decode().replace("&#x27;", "'")
    assert "to" in page.context["form"].errors
    assert not is_closed(leaver)


@pytest.mark.parametrize("identifier", ["name", "account_id", "uc_account"])
def test_images_are_handed_over_to_an_account_by_any_identifier(operator, leaver, identifier):
    heir = AccountFactory.create(name="heir")

    report = close(operator, leaver, images="hand-over", to=getattr(heir, identifier))

    assert Image.objects.get(name="golden").owner == heir
    assert f"Handed over to heir ({heir.account_id})" in report.content.decode()


def test_a_closed_account_is_closed_already(operator, leaver):
    close(operator, leaver)

    page = operator.get(page_of(leaver, "close"), follow=True).content.decode()

    assert "The account leaver is closed already." in page
    assert page_of(leaver, "reopen") in page


def test_reopening_asks_first(operator, leaver):
    close(operator, leaver)

    page = operator.get(page_of(leaver, "reopen"))
    assert page.status_code == 200
    assert is_closed(leaver)

    operator.post(page_of(leaver, "reopen"))
    assert not is_closed(leaver)


def test_staff_with_view_permission_reads_reports_only(operator, client, leaver):
    close(operator, leaver)
    event = AuditEvent.objects.get(verb="account.closed")
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(clerk)

    names = ("change", f"closing/{event.pk}", "close", "reopen", "delete")
    statuses = [client.get(page_of(leaver, name)).status_code for name in names]

    assert statuses == [200, 200, 403, 403, 403]
    assert page_of(leaver, "reopen") not in client.get(page_of(leaver, "change")).content.decode()


@pytest.mark.parametrize("choice", ["keep", "release"])
def test_a_new_owner_gets_something_only_if_it_is_handed_over(operator, leaver, choice):
    AccountFactory.create(name="heir")

    close(operator, leaver, images=choice, to="heir")

    assert is_closed(leaver)
    assert not Image.objects.filter(owner__name="heir").exists()
    assert Image.objects.filter(name="golden", owner=leaver).exists() is (choice == "keep")
    assert "newOwner" not in AuditEvent.objects.get(verb="account.closed").detail
