"""Unshare, Edit, Delete, and choosing an image."""

from __future__ import annotations

import pytest

from images.models import Image, ShareGrant

from ..factories import (
    ImageFactory,
    ShareGrantFactory,
)
from .pages import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("chosen", [[], ["0" * 32], ["\0"], ["not an id"]])
def test_unsharing_with_a_wrong_choice_changes_nothing(client_for, headers, chosen):
    grant = ShareGrantFactory.create()

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id, *chosen] if chosen else []},
        headers=headers,
    )

    assert answer.status_code == 422
    assert list(ShareGrant.objects.all()) == [grant]


def test_unsharing_needs_no_tries(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": grant.recipient.account_id},
        headers=headers,
    )

    assert not ShareGrant.objects.exists()


def test_unsharing_when_out_of_tries_keeps_the_ticks(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()
    chosen = [grant.recipient.account_id, "f" * 32]

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"), {"recipients": chosen}, headers=headers
    )

    assert answer.status_code == 429
    assert "1 of 1 selected" in text_of(answer)
    assert f'value="{grant.recipient.account_id}" checked' in answer.content.decode()


def test_edit_shows_the_rule_beside_a_bad_name(client_for, headers):
    image = ImageFactory.create(name="before")

    answer = client_for(image.owner).post(
        page_of(image, "edit/"), {"name": "two words", "desc": "kept"}, headers=headers
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["This name does not follow the rule."]
    assert "a letter first, then letters, digits, Chinese characters" in text_of(answer)
    assert answer.context["form"]["desc"].value() == "kept"
    assert "Edit before" in text_of(answer)
    assert Image.objects.get().name == "before"


def test_delete_says_what_was_deleted(client_for, headers):
    image = ImageFactory.create(name="golden")
    browser = client_for(image.owner)

    answer = browser.post(page_of(image, "delete/"), headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "golden was deleted." in text_of(browser.get("/bj/images/", headers=headers))


def test_deleting_from_its_own_page_leads_to_the_list(client_for, htmx):
    image = ImageFactory.create()
    here = {"HX-Current-URL": f"http://testserver{image.get_absolute_url()}#recipients"}

    answer = client_for(image.owner).post(page_of(image, "delete/"), headers=htmx | here)

    assert answer.headers["HX-Redirect"] == "/bj/images/"


def test_an_action_without_a_selected_image_asks_for_one(client_for, account, headers):
    ImageFactory.create(owner=account, name="golden")
    ImageFactory.create(owner=account, name="nightly", creating=True)
    ImageFactory.create(owner=account, name="elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    page = browser.get("/bj/images/choose/?action=share", headers=headers)

    shown = {image.name: str(offer.refusal or "") for image, offer in page.context["choices"]}
    assert shown == {
        "golden": "",
        "nightly": "Only an available image can be shared, copied or used.",
    }
    assert browser.get("/bj/images/choose/?action=explode&image=m-1").status_code == 404
    assert browser.get("/bj/images/choose/?action=share&image=../..").status_code == 404
