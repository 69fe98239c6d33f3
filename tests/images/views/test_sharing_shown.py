"""OK of the Share dialog acts on the accounts whose IDs were shown."""

from __future__ import annotations

import pytest

from images.models import ShareGrant

from ...dom import find_all, get_values
from ...factories import AccountFactory, ImageFactory
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db


def check(browser, image, accounts, headers=None):
    data = {"accounts": accounts, "acknowledged": "on"}
    return browser.post(page_of(image, "share/check/"), data, headers=headers)


def rename(account, name):
    account.name = name
    account.save()


def test_the_account_beside_each_entry_is_sent(client_for, headers):
    image = ImageFactory.create()
    ada = AccountFactory.create(name="ada", account_id="a" * 32)

    checked = check(client_for(image.owner), image, "ada nobody", headers)
    sent = share(
        client_for(image.owner),
        image,
        "ada",
        headers,
        shown=get_values(checked, "shown"),
    )

    assert get_values(checked, "shown") == [" nobody", "a" * 32 + " ada"]
    assert sent.status_code in {204, 303}
    assert image.grants.get().recipient == ada


def test_a_name_that_means_another_account_by_now_is_refused_with_both(client_for, headers):
    image = ImageFactory.create()
    before = AccountFactory.create(name="ada", account_id="a" * 32)
    AccountFactory.create(name="bob")
    browser = client_for(image.owner)
    shown = get_values(check(browser, image, "ada bob"), "shown")
    rename(before, "ada-old")
    AccountFactory.create(name="ada", account_id="c" * 32)

    response = share(browser, image, "ada bob", headers, shown=shown)

    assert response.status_code == 422
    verdicts = {entry.text: entry.verdict.value for entry in response.context["review"].entries}
    assert verdicts == {"ada": "changed", "bob": "ready"}
    assert "a" * 32 in text_of(response)
    assert "c" * 32 in text_of(response)
    assert response.context["form"]["acknowledged"].value()
    assert not ShareGrant.objects.exists()

    (use,) = find_all(response, "button", name="replace")
    assert dict(use.attributes)["value"] == "c" * 32 + " ada"
    after = browser.post(
        page_of(image, "share/check/"),
        {"accounts": "ada bob", "replace": "c" * 32 + " ada", "acknowledged": "on"},
        headers=headers,
    )
    assert after.context["form"]["accounts"].value() == "c" * 32 + " bob"


def test_an_entry_that_was_shown_without_an_account_is_not_shared_unseen(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")

    response = share(client_for(image.owner), image, "ada", headers, shown=[" ada"])

    assert response.status_code == 422
    assert [e.verdict.value for e in response.context["review"].entries] == ["changed"]


def test_a_list_without_any_verdict_shown_needs_one_ok(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")

    response = share(client_for(image.owner), image, "ada", headers)

    assert response.status_code in {204, 303}


def test_what_was_shown_for_an_earlier_text_binds_only_that_text(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    AccountFactory.create(name="bob", account_id="b" * 32)
    shown = ["e" * 32 + " eve", "b" * 32 + " bob", "malformed", " ", ""]

    response = share(client_for(image.owner), image, "ada bob", headers, shown=shown)

    assert response.status_code in {204, 303}
    assert image.grants.count() == 2
