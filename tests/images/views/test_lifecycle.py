"""The dialogs that copy, edit, delete and cancel an image."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Image

from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import all_rows, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

RULE = "1 to 65 characters: a letter first, then letters, digits, Chinese characters or - _ / ."


def copy(browser, headers, image, /, **fields):
    typed = {"regions": ["gz"], "name": "golden"} | fields
    return browser.post(page_of(image, "copy/"), typed, headers=headers)


def test_a_shared_image_leads_from_delete_to_unshare(client_for, headers):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(2, image=image)
    browser = client_for(image.owner)

    asked = browser.get(page_of(image, "delete/"), headers=headers)
    forced = browser.post(page_of(image, "delete/"), headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    for answer in (asked, forced):
        assert "Shared with 2 accounts. Unshare it first." in text_of(answer)
        assert f'href="{page_of(image, "unshare/")}"' in answer.content.decode()
    assert Image.objects.get() == image


# Copy to region


def test_the_copy_dialog_offers_the_other_regions(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(3, owner=account, region__code="gz")

    dialog = client_for(account).get(page_of(image, "copy/"), headers=headers)

    html = dialog.content.decode()
    assert dialog.status_code == 200
    offered = re.findall(r'name="regions" value="([^"]+)"', html)
    assert {"gz", "su"} <= set(offered)
    assert "bj" not in offered
    assert "Guangzhougz3 of 20 used" in text_of(dialog)
    assert "Suzhousu0 of 20 used" in text_of(dialog)
    assert 'name="name" value="golden"' in html
    assert RULE in text_of(dialog)
    assert ("<html" in html) == (not headers)


def test_an_image_is_copied_to_every_chosen_region(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", desc="Hardened")
    browser = client_for(account)

    answer = copy(browser, headers, image, regions=["gz", "su"], name="golden-2")

    assert answer.status_code == (204 if headers else 303)
    page = text_of(browser.get("/bj/images/", headers=headers))
    assert "golden is being copied to Guangzhou, Suzhou." in page
    for region in ("gz", "su"):
        page = browser.get(f"/{region}/images/", headers=headers)
        assert [row["image"].name for row in page.context["rows"]] == ["golden-2"]
        there = Image.objects.get(region=region)
        assert (there.owner, there.desc, there.source) == (account, "Hardened", image.image_id)
        assert there.image_id != image.image_id


def test_a_copy_on_its_way_shows_how_far_it_is_and_can_be_cancelled(client_for, account, clock):
    image = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    copy(browser, {}, image)
    clock.shift(timedelta(seconds=40))

    there = Image.objects.get(region="gz")
    for path in ("/gz/images/", page_of(there)):
        page = browser.get(path).content.decode()
        assert 'max="100" value="40" aria-label="golden: Copying"' in page
        assert f'hx-get="/gz/images/progress/?id={there.image_id}"' in page
        assert f'href="{page_of(there, "cancel/")}"' in page
    assert "/cancel/" not in browser.get("/bj/images/").content.decode()
    assert "every 2s" not in browser.get("/bj/images/").content.decode()

    clock.shift(timedelta(seconds=60))
    page = browser.get("/gz/images/").content.decode()
    assert "<progress" not in page
    assert "every 2s" not in page
    assert "/cancel/" not in page


@pytest.mark.parametrize(
    "case",
    [
        ({"regions": []}, "regions", "Choose at least one region."),
        ({"regions": ["xx"]}, "regions", "There is no region xx."),
        ({"regions": ["gz", "xx"]}, "regions", "There is no region xx."),
        ({"regions": ["a\0b"]}, "regions", "There is no region"),
        ({"regions": ["bj"]}, "regions", "Choose regions other than Beijing"),
        ({"regions": ["gz", "bj"]}, "regions", "Choose regions other than Beijing"),
        ({"regions": ["su"]}, "regions", "platform has 20 of 20 custom images in Suzhou"),
        ({"regions": ["gz", "su"]}, "regions", "platform has 20 of 20 custom images in Suzhou"),
        ({"name": ""}, "name", "This field is required."),
        ({"name": "two words"}, "name", "This name does not follow the rule."),
        ({"name": "g" * 66}, "name", "at most 65 characters"),
    ],
    ids=str,
)
def test_a_refused_copy_comes_back_with_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(20, owner=account, region__code="su")
    before = all_rows()

    answer = copy(client_for(account), headers, image, **fields)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', html)
    assert form["name"].value() == fields.get("name", "golden")
    ticked = set(fields.get("regions", ["gz"])) & {"gz", "su"}
    assert set(re.findall(r'name="regions" value="([^"]+)" checked', html)) == ticked
    assert ("<html" in html) == (not headers)
    assert all_rows() == before


# Cancel the copy


def test_a_copy_is_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", region__code="gz", copying=True)
    browser = client_for(account)

    dialog = browser.get(page_of(image, "cancel/"), headers=headers)
    assert dialog.status_code == 200
    assert "This copy is given up and no longer counts." in text_of(dialog)
    assert Image.objects.get() == image
    answer = browser.post(page_of(image, "cancel/"), headers=headers)

    assert answer.status_code == (204 if headers else 303)
    page = text_of(browser.get("/gz/images/", headers=headers))
    assert "The copy golden was cancelled." in page
    assert "0 of 20 custom images in Guangzhou" in page
    assert not Image.objects.exists()


def test_cancelling_from_its_own_page_leads_to_the_list(client_for, account, htmx):
    image = ImageFactory.create(owner=account, region__code="gz", copying=True)
    here = {"HX-Current-URL": f"http://testserver{page_of(image)}"}

    answer = client_for(account).post(page_of(image, "cancel/"), headers=htmx | here)

    assert answer.headers["HX-Redirect"] == "/gz/images/"


def test_a_copy_that_has_arrived_is_not_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    asked = browser.get(page_of(image, "cancel/"), headers=headers)
    forced = browser.post(page_of(image, "cancel/"), headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    for answer in (asked, forced):
        assert "This image is not being copied any more." in text_of(answer)
    assert Image.objects.get() == image
    assert AuditEvent.objects.get().reason == "image-is-not-being-copied"


TYPED = {"regions": ["gz"], "name": "mine"}


# Images of others


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("kind", ["received", "public"])
def test_copying_an_image_of_others_is_refused_and_recorded_once(client_for, headers, dialog, kind):
    grant = ShareGrantFactory.create()
    image = grant.image if kind == "received" else PublicImageFactory.create()
    browser, before = client_for(grant.recipient), all_rows()

    asked = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), TYPED, headers=headers)

    assert (asked.status_code, forced.status_code) == (403, 403)
    sentence = "Only its owner" if kind == "received" else "Only custom images"
    assert sentence in text_of(asked)
    assert sentence in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)
    assert event.actor_account == grant.recipient.name
    assert event.verb == ("image.copied" if dialog == "copy/" else "image.copy-cancelled")


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_strangers_image_is_a_missing_image(client_for, account, headers, dialog, method):
    image = ImageFactory.create(copying=True)
    browser = client_for(account)

    answers = [
        getattr(browser, method)(f"/bj/images/{image_id}/{dialog}", TYPED, headers=headers)
        for image_id in (image.image_id, "m-00000000")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    without_request_id = [re.sub(rb"[0-9a-f-]{36}", b"", a.content) for a in answers]
    assert without_request_id[0] == without_request_id[1]
    assert Image.objects.get() == image
    assert not AuditEvent.objects.exists()


def test_an_image_is_copied_from_its_own_region_only(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    answer = client_for(account).post(
        f"/gz/images/{image.image_id}/copy/", {"regions": ["su"], "name": "a"}, headers=headers
    )

    assert answer.status_code == 404
    assert Image.objects.get() == image


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
