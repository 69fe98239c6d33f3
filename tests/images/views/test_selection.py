"""The actions on the selected images: which image, and deleting several."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import Image

from ...dom import find_all, get_values
from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_the_toolbar_opens_the_copy_dialog(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    dialog = client_for(account).get(
        "/bj/images/choose/",
        {"action": "copy", "image": image.image_id},
        headers=headers,
        follow=True,
    )

    assert dialog.redirect_chain == [(page_of(image, "copy/"), 302)]
    assert "Copy image" in text_of(dialog)


@pytest.mark.parametrize("action", ["cancel", "edit", "use", "nonsense", ""])
def test_only_actions_of_the_toolbar_ask_for_an_image(client_for, account, action):
    ImageFactory.create(owner=account)

    assert client_for(account).get(f"/bj/images/choose/?action={action}").status_code == 404


def test_an_action_asks_for_an_image_if_none_is_selected(client_for, account, headers):
    ImageFactory.create(owner=account, name="golden")
    ImageFactory.create(owner=account, name="nightly", creating=True)
    ImageFactory.create(owner=account, name="elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    page = browser.get("/bj/images/choose/?action=share", headers=headers)

    shown = {image.name: str(offer.refusal or "") for image, offer in page.context["choices"]}
    assert shown == {
        "golden": "",
        "nightly": "Only available images can be shared, copied or used.",
    }
    assert browser.get("/bj/images/choose/?action=explode&image=m-1").status_code == 404
    assert browser.get("/bj/images/choose/?action=share&image=../..").status_code == 404


def test_an_image_that_is_selected_twice_is_one(client_for, account):
    image = ImageFactory.create(owner=account)
    selected = {"action": "share", "image": [image.image_id, image.image_id]}

    answer = client_for(account).get("/bj/images/choose/", selected)

    assert answer.url == page_of(image, "share/")


@pytest.mark.parametrize("action", ["share", "unshare", "copy"])
def test_an_action_for_one_image_asks_which_of_several(client_for, account, headers, action):
    one, two = ImageFactory.create_batch(2, owner=account)
    ImageFactory.create(owner=account)
    selected = {"action": action, "image": [one.image_id, two.image_id]}

    page = client_for(account).get("/bj/images/choose/", selected, headers=headers)

    assert set(get_values(page, "image")) == {one.image_id, two.image_id}
    assert get_values(page, "action") == [action]


def test_an_action_offers_all_images_if_the_selected_ones_are_gone(client_for, account):
    image = ImageFactory.create(owner=account)
    selected = {"action": "share", "image": ["m-00000000", "m-11111111"]}

    page = client_for(account).get("/bj/images/choose/", selected)

    assert get_values(page, "image") == [image.image_id]


def test_several_images_are_named_and_deleted_together(client_for, account, headers):
    images = [ImageFactory.create(owner=account, name=name) for name in ("one", "two", "three")]
    ImageFactory.create(owner=account, name="other")
    ids = [image.image_id for image in images]
    browser = client_for(account)

    asked = browser.get(
        "/bj/images/choose/", {"action": "delete", "image": ids}, headers=headers, follow=True
    )
    done = browser.post("/bj/images/delete/", {"image": ids}, headers=headers)

    assert set(get_values(asked, "image")) == set(ids)
    for words in ("one", "two", "three", "Delete 3 images"):
        assert words in text_of(asked)
    assert done.status_code == (204 if headers else 303)
    assert [image.name for image in Image.objects.all()] == ["other"]
    assert "one, two, three were deleted." in text_of(browser.get("/bj/images/"))
    events = AuditEvent.objects.filter(verb="image.deleted", outcome="done")
    assert {event.target_id for event in events} == set(ids)


def test_images_that_cannot_be_deleted_are_named_with_the_reason(client_for, account, headers):
    free = ImageFactory.create(owner=account, name="free")
    shared = ShareGrantFactory.create(image__owner=account, image__name="shared").image
    creating = ImageFactory.create(owner=account, name="nightly", creating=True)
    ids = [image.image_id for image in (free, shared, creating)]

    asked = client_for(account).get("/bj/images/delete/", {"image": ids}, headers=headers)

    assert get_values(asked, "image") == [free.image_id]
    assert "shared" in text_of(asked)
    assert "Shared with 1 account. Unshare it first." in text_of(asked)
    assert "This image is still being created. Delete it when it's ready." in text_of(asked)
    assert "Delete 1 image" in text_of(asked)
    assert not AuditEvent.objects.exists()


def test_without_an_image_to_delete_there_is_no_button(client_for, account, htmx):
    shared = ShareGrantFactory.create(image__owner=account).image

    asked = client_for(account).get("/bj/images/delete/", {"image": shared.image_id}, headers=htmx)

    assert not find_all(asked, "button", type="submit")
    assert "Close" in text_of(asked)


def test_one_refusal_deletes_nothing(client_for, account, headers):
    free = ImageFactory.create(owner=account, name="free")
    shared = ShareGrantFactory.create(image__owner=account, image__name="shared").image
    ids = [free.image_id, shared.image_id]

    answer = client_for(account).post("/bj/images/delete/", {"image": ids}, headers=headers)

    assert answer.status_code == 422
    assert "Nothing was deleted." in text_of(answer)
    assert "Shared with 1 account. Unshare it first." in text_of(answer)
    assert get_values(answer, "image") == [free.image_id]
    assert Image.objects.count() == 2
    event = AuditEvent.objects.get()
    assert (event.target_name, event.outcome, event.reason) == (
        "shared",
        "refused",
        "image-is-shared",
    )


def test_an_image_that_is_gone_is_named_and_the_list_refreshes(client_for, account, headers):
    kept, gone = (ImageFactory.create(owner=account, name=name) for name in ("kept", "gone"))
    ids = [kept.image_id, gone.image_id]
    browser = client_for(account)
    browser.post("/bj/images/delete/", {"image": [gone.image_id]})

    asked = browser.get("/bj/images/delete/", {"image": ids}, headers=headers)
    answer = browser.post("/bj/images/delete/", {"image": ids}, headers=headers)

    for page, status in ((asked, 200), (answer, 422)):
        assert page.status_code == status
        assert "gone was deleted." in text_of(page)
        assert page.headers["HX-Trigger"] == '{"images:changed": {}}'
        assert get_values(page, "image") == [kept.image_id]
    assert Image.objects.get() == kept


@pytest.mark.parametrize("whose", ["a stranger's", "nobody's"])
def test_a_hidden_image_is_the_same_as_an_unknown_one(client_for, account, headers, whose):
    hidden = ImageFactory.create(image_id="m-Hidden00", name="secret")
    image_id = hidden.image_id if whose == "a stranger's" else "m-Hidden01"

    answer = client_for(account).post("/bj/images/delete/", {"image": image_id}, headers=headers)

    assert answer.status_code == 422
    assert "Image not found." in text_of(answer)
    assert "secret" not in text_of(answer)
    assert not find_all(answer, "button", class_="button danger")
    assert Image.objects.get() == hidden


@pytest.mark.parametrize("kind", ["received", "public"])
def test_other_peoples_images_are_never_deleted(client_for, account, headers, kind):
    if kind == "received":
        image = ShareGrantFactory.create(recipient=account).image
        sentence = "Only the owner can share, unshare, copy, edit or delete this image."
    else:
        image = PublicImageFactory.create()
        sentence = "Only custom images can be shared, copied, edited or deleted."

    answer = client_for(account).post(
        "/bj/images/delete/", {"image": image.image_id}, headers=headers
    )

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Image.objects.get() == image


def test_images_of_another_region_are_not_deleted(client_for, account):
    image = ImageFactory.create(owner=account, region__code="gz")
    ImageFactory.create(owner=account, region__code="bj")
    browser = client_for(account)

    assert browser.post("/bj/images/delete/", {"image": image.image_id}).status_code == 422
    assert browser.get("/nowhere/images/delete/?image=m-1").status_code == 404
    assert Image.objects.count() == 2


def test_deleting_nothing_asks_for_an_image(client_for, account):
    image = ImageFactory.create(owner=account)

    page = client_for(account).get("/bj/images/delete/", follow=True)

    assert page.redirect_chain == [("/bj/images/choose/?action=delete", 302)]
    assert get_values(page, "image") == [image.image_id]


def test_an_image_id_with_nul_is_unknown(client_for, account):
    browser = client_for(account)

    assert browser.post("/bj/images/delete/", {"image": "\0"}).status_code == 422
