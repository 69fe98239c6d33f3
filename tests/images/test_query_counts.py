"""How many statements a page takes, whatever the number of rows."""

from __future__ import annotations

import pytest

from ..factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .pages import page_of, share

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("tab", ["custom", "shared", "public"])
def test_the_image_list_takes_five_queries(
    client_for, account, django_assert_num_queries, tab, rows
):
    if tab == "custom":
        for image in ImageFactory.create_batch(rows, owner=account):
            ShareGrantFactory.create(image=image)
    elif tab == "shared":
        ShareGrantFactory.create_batch(rows, recipient=account)
    else:
        PublicImageFactory.create_batch(rows)
    browser = client_for(account)

    with django_assert_num_queries(5):
        page = browser.get(f"/bj/images/?type={tab}")

    assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("recipients", [1, 3, 20])
def test_the_detail_page_takes_five_queries(client_for, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)

    with django_assert_num_queries(5):
        page = browser.get(page_of(image))

    assert len(page.context["grants"]) == recipients


@pytest.mark.parametrize("recipients", [1, 3, 20])
def test_the_share_dialog_takes_four_queries(
    client_for, htmx, django_assert_num_queries, recipients
):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)

    with django_assert_num_queries(4):
        browser.get(page_of(image, "share/"), headers=htmx)


@pytest.mark.parametrize("entries", [1, 50])
def test_checking_takes_six_queries(client_for, htmx, django_assert_num_queries, entries):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(entries))
    browser = client_for(image.owner)

    with django_assert_num_queries(6):
        browser.post(page_of(image, "share/check/"), {"accounts": typed}, headers=htmx)


@pytest.mark.parametrize("recipients", [1, 50])
def test_sharing_takes_twelve_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(recipients))
    browser = client_for(image.owner)

    with django_assert_num_queries(12):
        answer = share(browser, image, typed, htmx)

    assert answer.status_code == 204
    assert image.grants.count() == recipients


@pytest.mark.parametrize("recipients", [1, 50])
def test_unsharing_takes_eleven_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)
    chosen = [grant.recipient.account_id for grant in grants]

    with django_assert_num_queries(11):
        browser.post(page_of(image, "unshare/"), {"recipients": chosen}, headers=htmx)

    assert not image.grants.exists()
