"""The steps of the document."""

from __future__ import annotations

import pytest
from django.test import Client

from .factories import (
    PASSWORD,
    AccountFactory,
    ImageFactory,
    UserFactory,
)
from .images.pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_the_steps_of_the_document(headers, account):
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

    query = {"action": "share", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", query, headers=headers, follow=True)
    assert dialog.redirect_chain == [(page_of(image, "share/"), 302)]
    assert "Shared with 0 of 50 accounts; 50 left" in text_of(dialog)

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

    query = {"action": "unshare", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", query, headers=headers, follow=True)
    assert f'value="{payments.account_id}"' in dialog.content.decode()
    assert f'value="{search.account_id}"' in dialog.content.decode()

    answer = browser.post(
        page_of(image, "unshare/"), {"recipients": [search.account_id], **token}, headers=headers
    )
    assert answer.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/", headers=headers)
    assert "golden is no longer shared with search." in text_of(page)
    assert list(image.grants.values_list("recipient__name", flat=True)) == ["payments"]
