"""The dialogs that copy, edit, delete and cancel an image."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Image

from ...dom import find_all, get_descriptions, get_values
from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import all_rows, page_of, text_of, without_ids

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

RULE = (
    "1–65 characters: start with a letter, then use letters, digits, Chinese characters or - _ / ."
)


def copy(browser, headers, image, /, **fields):
    data = {"regions": ["gz"], "name": "golden"} | fields
    return browser.post(page_of(image, "copy/"), data, headers=headers)


def test_deleting_a_shared_image_is_refused_with_a_link_to_unshare(client_for, headers):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(2, image=image)
    browser = client_for(image.owner)

    shown = browser.get(page_of(image, "delete/"), headers=headers)
    forced = browser.post(page_of(image, "delete/"), headers=headers)

    assert (shown.status_code, forced.status_code) == (200, 422)
    for response in (shown, forced):
        assert "Shared with 2 accounts. Unshare it first." in text_of(response)
        assert find_all(response, "a", href=page_of(image, "unshare/"))
    assert Image.objects.get() == image


# Copy


def test_the_copy_dialog_offers_the_other_regions(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(3, owner=account, region__code="gz")

    dialog = client_for(account).get(page_of(image, "copy/"), headers=headers)

    assert dialog.status_code == 200
    codes = get_values(dialog, "regions")
    assert {"gz", "su"} <= set(codes)
    assert "bj" not in codes
    assert "Guangzhougz 3 of 20 used" in text_of(dialog)
    assert "Suzhousu 0 of 20 used" in text_of(dialog)
    assert get_values(dialog, "name") == ["golden"]
    assert RULE in text_of(dialog)
    assert ("<html" in dialog.content.decode()) == (not headers)


def test_an_image_is_copied_to_every_selected_region(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", desc="Hardened")
    browser = client_for(account)

    response = copy(browser, headers, image, regions=["gz", "su"], name="golden-2")

    assert response.status_code == (204 if headers else 303)
    page = text_of(browser.get("/bj/images/", headers=headers))
    assert "golden is being copied to Guangzhou, Suzhou." in page
    for region in ("gz", "su"):
        page = browser.get(f"/{region}/images/", headers=headers)
        assert [row["image"].name for row in page.context["rows"]] == ["golden-2"]
        copied = Image.objects.get(region=region)
        assert (copied.owner, copied.desc, copied.source) == (account, "Hardened", image.image_id)
        assert copied.image_id != image.image_id


def test_a_copy_in_progress_shows_its_progress_and_can_be_cancelled(client_for, account, clock):
    image = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    copy(browser, {}, image)
    clock.shift(timedelta(seconds=40))

    copied = Image.objects.get(region="gz")
    for path in ("/gz/images/", page_of(copied)):
        page = browser.get(path)
        label = "golden: Copying"
        assert find_all(page, "progress", max="100", value="40", aria_label=label)
        progress_url = f"/gz/images/progress/?id={copied.image_id}"
        assert find_all(page, "div", hx_get=progress_url, hx_trigger="every 2s")
        assert find_all(page, "a", href=page_of(copied, "cancel/"))
    assert "/cancel/" not in browser.get("/bj/images/").content.decode()
    assert "every 2s" not in browser.get("/bj/images/").content.decode()

    clock.shift(timedelta(seconds=60))
    page = browser.get("/gz/images/").content.decode()
    assert "<progress" not in page
    assert "every 2s" not in page
    assert "/cancel/" not in page


QUOTA = "platform has 20 of 20 custom images in Suzhou. Delete one first."


@pytest.mark.parametrize(
    "case",
    [
        ({"regions": []}, "regions", "Select at least one region."),
        ({"regions": ["xx"]}, "regions", "Region not found: xx."),
        ({"regions": ["gz", "xx"]}, "regions", "Region not found: xx."),
        ({"regions": ["a\0b"]}, "regions", "Region not found: a\N{REPLACEMENT CHARACTER}b."),
        ({"regions": ["bj"]}, "regions", "The image is already in Beijing. Select other regions."),
        (
            {"regions": ["gz", "bj"]},
            "regions",
            "The image is already in Beijing. Select other regions.",
        ),
        ({"regions": ["su"]}, "regions", QUOTA),
        ({"regions": ["gz", "su"]}, "regions", QUOTA),
        ({"name": ""}, "name", "Enter a name."),
        ({"name": "two words"}, "name", "Enter a name that follows the rule above."),
        ({"name": "g" * 66}, "name", "at most 65 characters"),
    ],
    ids=str,
)
def test_a_refused_copy_keeps_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(20, owner=account, region__code="su")
    before = all_rows()

    response = copy(client_for(account), headers, image, **fields)

    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    assert find_all(response, "div", id=f"id_{field}_error")
    assert f"id_{field}_error" in get_descriptions(response)
    assert form["name"].value() == fields.get("name", "golden")
    selected = set(fields.get("regions", ["gz"])) & {"gz", "su"}
    assert set(get_values(response, "regions", only="checked")) == selected
    assert ("<html" in response.content.decode()) == (not headers)
    assert all_rows() == before


# Cancel a copy


def test_a_copy_is_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", region__code="gz", copying=True)
    browser = client_for(account)

    dialog = browser.get(page_of(image, "cancel/"), headers=headers)
    assert dialog.status_code == 200
    sentence = (
        "The copy is canceled and no longer counts toward your limit. "
        "The source image isn't affected."
    )
    assert sentence in text_of(dialog)
    assert "Keep copying Cancel copy" in text_of(dialog)
    assert Image.objects.get() == image
    response = browser.post(page_of(image, "cancel/"), headers=headers)

    assert response.status_code == (204 if headers else 303)
    page = text_of(browser.get("/gz/images/", headers=headers))
    assert "The copy golden was canceled." in page
    assert "0 of 20 custom images in Guangzhou" in page
    assert not Image.objects.exists()


def test_cancelling_a_copy_on_its_own_page_leads_to_the_list(client_for, account, htmx):
    image = ImageFactory.create(owner=account, region__code="gz", copying=True)
    current_url = {"HX-Current-URL": f"http://testserver{page_of(image)}"}

    response = client_for(account).post(page_of(image, "cancel/"), headers=htmx | current_url)

    assert response.headers["HX-Redirect"] == "/gz/images/"


def test_a_finished_copy_cannot_be_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    shown = browser.get(page_of(image, "cancel/"), headers=headers)
    forced = browser.post(page_of(image, "cancel/"), headers=headers)

    assert (shown.status_code, forced.status_code) == (200, 422)
    for response in (shown, forced):
        assert "This image is no longer being copied." in text_of(response)
    assert Image.objects.get() == image
    assert AuditEvent.objects.get().reason == "image-is-not-being-copied"


DATA = {"regions": ["gz"], "name": "mine"}


# Images of other owners

SENTENCES = {
    "received": "Only the owner can share, unshare, copy, edit or delete this image.",
    "public": "Only custom images can be shared, copied, edited or deleted.",
}


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("kind", ["received", "public"])
def test_copying_an_image_of_another_owner_is_refused_and_recorded_once(
    client_for, headers, dialog, kind
):
    grant = ShareGrantFactory.create()
    image = grant.image if kind == "received" else PublicImageFactory.create()
    browser, before = client_for(grant.recipient), all_rows()

    shown = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), DATA, headers=headers)

    assert (shown.status_code, forced.status_code) == (403, 403)
    assert SENTENCES[kind] in text_of(shown)
    assert SENTENCES[kind] in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)
    assert event.actor_account == grant.recipient.name
    assert event.verb == ("image.copied" if dialog == "copy/" else "image.copy-cancelled")


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_image_of_a_stranger_is_not_found(client_for, account, headers, dialog, method):
    image = ImageFactory.create(copying=True)
    browser = client_for(account)

    responses = [
        getattr(browser, method)(f"/bj/images/{image_id}/{dialog}", DATA, headers=headers)
        for image_id in (image.image_id, "m-00000000")
    ]

    assert [response.status_code for response in responses] == [404, 404]
    assert without_ids(responses[0]) == without_ids(responses[1])
    assert Image.objects.get() == image
    (event,) = AuditEvent.objects.all()  # for operators
    assert (event.verb, event.accounts) == ("image.opened", [])


def test_an_image_is_copied_only_from_its_own_region(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    response = client_for(account).post(
        f"/gz/images/{image.image_id}/copy/", {"regions": ["su"], "name": "a"}, headers=headers
    )

    assert response.status_code == 404
    assert Image.objects.get() == image


def test_an_invalid_name_shows_the_rule(client_for, headers):
    image = ImageFactory.create(name="before")

    response = client_for(image.owner).post(
        page_of(image, "edit/"), {"name": "two words", "desc": "kept"}, headers=headers
    )

    assert response.status_code == 422
    assert response.context["form"].errors["name"] == ["Enter a name that follows the rule above."]
    assert RULE in text_of(response)
    assert response.context["form"]["desc"].value() == "kept"
    assert "Edit image before" in text_of(response)
    assert Image.objects.get().name == "before"


def test_a_message_names_the_deleted_image(client_for, headers):
    image = ImageFactory.create(name="golden")
    browser = client_for(image.owner)

    response = browser.post(page_of(image, "delete/"), headers=headers)

    assert response.status_code == (204 if headers else 303)
    assert "golden was deleted." in text_of(browser.get("/bj/images/", headers=headers))
