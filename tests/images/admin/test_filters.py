"""Finding in the lists: filters, and the search by every identifier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from images import usage

from ...dom import find_all, get_text
from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def list_rows(operator, address):
    return set(operator.get(f"/admin/{address}").context["cl"].result_list)


def test_accounts_and_images_near_a_limit(operator):
    grant = ShareGrantFactory.create(image__owner__recipient_limit=1)
    near = AccountFactory.create(received_image_limit=1)
    ShareGrantFactory.create(recipient=near)
    usage.look()

    assert list_rows(operator, "accounts/account/?limits=near") == {near}
    assert list_rows(operator, "images/image/?limits=near") == {grant.image}


def test_accounts_that_nobody_can_sign_in_to(operator):
    UserFactory.create()
    empty = AccountFactory.create()
    AccountFactory.create(closed_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert list_rows(operator, "accounts/account/?people=none") == {empty}


def test_a_value_that_no_filter_has_filters_nothing(operator):
    image = ImageFactory.create()

    assert list_rows(operator, "accounts/account/?limits=far&people=many") == {image.owner}
    assert list_rows(operator, "images/image/?limits=far") == {image}


IDENTIFIERS = ["payments", "uc-pay", "PAY", "ab" * 16, "abab"]


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_shares_are_found_by_owner_or_recipient_and_the_filter_says_which(operator, text):
    account = AccountFactory.create(name="payments", uc_account="uc-pay", account_id="ab" * 16)
    given = ShareGrantFactory.create(image__owner=account)
    received = ShareGrantFactory.create(recipient=account)
    ShareGrantFactory.create(recipient__account_id="cd" * 16, image__owner__account_id="ef" * 16)

    assert list_rows(operator, f"images/sharegrant/?q={text}") == {given, received}
    assert list_rows(operator, f"images/sharegrant/?owner={text}") == {given}
    assert list_rows(operator, f"images/sharegrant/?recipient={text}") == {received}
    assert list_rows(operator, f"images/sharegrant/?owner={text}&recipient={text}") == set()


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_images_instances_and_keys_are_found_by_every_identifier_of_their_account(operator, text):
    account = AccountFactory.create(name="payments", uc_account="uc-pay", account_id="ab" * 16)
    image = ImageFactory.create(owner=account)
    instance = InstanceFactory.create(owner=account)
    key = AccessKeyFactory.create(user__account=account)
    other = AccountFactory.create(account_id="cd" * 16)
    ImageFactory.create(owner=other)
    InstanceFactory.create(owner=other)
    AccessKeyFactory.create(user__account=other)

    assert list_rows(operator, f"images/image/?q={text}") == {image}
    assert list_rows(operator, f"images/image/?owner={text}") == {image}
    assert list_rows(operator, f"images/instance/?q={text}") == {instance}
    assert list_rows(operator, f"images/instance/?owner={text}") == {instance}
    assert list_rows(operator, f"accounts/accesskey/?q={text}") == {key}


def test_instances_are_found_by_their_image(operator):
    image = ImageFactory.create(name="golden")
    instance = InstanceFactory.create(image=image)
    InstanceFactory.create()

    assert list_rows(operator, "images/instance/?q=golden") == {instance}
    assert list_rows(operator, f"images/instance/?q={image.image_id}") == {instance}


def test_instances_are_filtered_by_whether_they_are_released(operator):
    live = InstanceFactory.create()
    gone = InstanceFactory.create(released_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert list_rows(operator, "images/instance/?released=no") == {live}
    assert list_rows(operator, "images/instance/?released=yes") == {gone}
    assert list_rows(operator, "images/instance/?released=perhaps") == {live, gone}
    page = operator.get("/admin/images/instance/").content.decode()
    assert ">Not released</a>" in page


def test_a_way_leads_from_an_image_to_its_shares_and_what_their_recipients_received(operator):
    image = ImageFactory.create(owner__recipient_limit=38)
    grant = ShareGrantFactory.create(image=image, recipient__received_image_limit=19)
    other = ShareGrantFactory.create(recipient=grant.recipient)

    images = operator.get("/admin/images/image/")
    (shares,) = [a for a in find_all(images, "a") if get_text(a) == "1 / 38"]
    page = operator.get(dict(shares.attributes)["href"])
    assert list(page.context["cl"].result_list) == [grant]

    (received,) = [a for a in find_all(page, "a") if get_text(a) == "2 / 19"]
    page = operator.get(dict(received.attributes)["href"])
    assert set(page.context["cl"].result_list) == {grant, other}
    assert find_all(page, "a", href=f"/admin/accounts/account/{grant.recipient.pk}/change/")


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize(
    ("page", "queries"), [("images/image", 6), ("images/sharegrant", 6), ("images/instance", 5)]
)
def test_a_list_takes_few_queries(operator, django_assert_num_queries, page, queries, rows):
    for grant in ShareGrantFactory.create_batch(rows):
        InstanceFactory.create(owner=grant.recipient, image=grant.image)

    with django_assert_num_queries(queries):
        assert len(operator.get(f"/admin/{page}/").context["cl"].result_list) == rows
