from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Account

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_an_account_with_images_cannot_be_deleted(operator):
    image = ImageFactory.create()

    operator.post(f"/admin/accounts/account/{image.owner.pk}/delete/", {"post": "yes"})

    assert Account.objects.get() == image.owner


def test_a_blank_limit_shows_its_default(operator):
    page = operator.get("/admin/accounts/account/add/").content.decode()

    assert page.count("Leave blank for the default (20).") == 2
    assert page.count("Leave blank for the default (50).") == 1


def test_an_account_that_something_refers_to_is_not_deleted_and_the_page_says_why(operator):
    account = AccountFactory.create()
    UserFactory.create_batch(2, account=account)
    page = f"/admin/accounts/account/{account.pk}/"
    sentence = "This one has people: 2, images: 0,"

    assert sentence in operator.get(f"{page}change/").content.decode()
    assert f"{page}delete/" not in operator.get(f"{page}change/").content.decode()
    for method in (operator.get, operator.post):
        assert sentence in method(f"{page}delete/", {"post": "yes"}, follow=True).content.decode()
    assert Account.objects.filter(pk=account.pk).exists()


def test_an_account_without_references_can_be_deleted(operator):
    account = AccountFactory.create()
    page = f"/admin/accounts/account/{account.pk}/"

    assert f"{page}delete/" in operator.get(f"{page}change/").content.decode()
    operator.post(f"{page}delete/", {"post": "yes"})

    assert not Account.objects.exists()


def test_the_list_has_open_and_closed_accounts_and_their_received_images(operator):
    grant = ShareGrantFactory.create(recipient__name="open-one")
    AccountFactory.create(name="closed-one", closed_at=timezone.now())

    everybody = operator.get("/admin/accounts/account/").content.decode()
    closed = operator.get("/admin/accounts/account/?closed=yes").content.decode()
    is_open = operator.get("/admin/accounts/account/?closed=no").content.decode()

    assert "1 / 20" in everybody
    assert ("closed-one" in closed, "open-one" in closed) == (True, False)
    assert ("closed-one" in is_open, grant.recipient.name in is_open) == (False, True)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_page_of_an_account_takes_as_many_queries_for_few_as_for_many(
    operator, django_assert_num_queries, rows
):
    account = AccountFactory.create()
    ShareGrantFactory.create_batch(rows, image__owner=account)
    ShareGrantFactory.create_batch(rows, recipient=account)
    InstanceFactory.create_batch(rows, owner=account)
    AccessKeyFactory.create_batch(rows, user__account=account)
    page = f"/admin/accounts/account/{account.pk}/change/"
    operator.get(page)  # Django keeps the content types that it has read once

    with django_assert_num_queries(18):
        operator.get(page)


def test_beside_each_limit_is_what_is_used(operator):
    account = AccountFactory.create()
    ImageFactory.create_batch(2, owner=account)
    shared = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(3, image=shared)
    ShareGrantFactory.create(recipient=account)

    form = operator.get(f"/admin/accounts/account/{account.pk}/change/").context["adminform"].form

    texts = {name: field.help_text for name, field in form.fields.items() if "limit" in name}
    assert texts["custom_image_limit"] == (
        "Leave blank for the default (20). 0 means that the account can't create images. In use: 3."
    )
    assert texts["recipient_limit"].endswith(
        "0 means that the account can't share images. In use: 3."
    )
    assert texts["received_image_limit"].endswith("share an image with the account. In use: 1.")


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"recipient_limit": "60"}, "limits_reason", "Say why the limits differ."),
        (
            {"recipient_limit": "10001", "limits_reason": "pilot"},
            "recipient_limit",
            "Enter 10000 or less. Pages list all that a limit allows.",
        ),
    ],
)
def test_a_limit_needs_a_reason_and_has_a_bound(operator, typed, field, error):
    account = AccountFactory.create()
    page = f"/admin/accounts/account/{account.pk}/change/"
    fields = {"name": account.name, "uc_account": account.uc_account, **typed}

    response = operator.post(page, fields)

    assert response.context["adminform"].form.errors[field] == [error]
    account.refresh_from_db()
    assert account.recipient_limit is None
