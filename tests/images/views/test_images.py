"""The Image List: tabs, filters, pages, progress and the toolbar."""

from __future__ import annotations

import pytest

from images.models import Image

from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_the_list_is_a_fragment_for_htmx(client_for, account, htmx):
    ImageFactory.create(owner=account, name="golden")

    fragment = client_for(account).get("/bj/images/", headers=htmx).content.decode()

    assert "golden" in fragment
    assert "<html" not in fragment


def test_each_tab_shows_its_images_of_the_region_only(client_for, account):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(recipient=account, image__name="given")
    ShareGrantFactory.create(
        recipient=account, image__name="given-elsewhere", image__region__code="gz"
    )
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    shown = {
        tab: [row["image"].name for row in browser.get(f"/bj/images/?type={tab}").context["rows"]]
        for tab in ("custom", "shared", "public")
    }

    assert shown == {"custom": ["mine"], "shared": ["given"], "public": ["for-all"]}


def test_the_shared_tab_names_owner_and_its_own_limit(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__owner__name="security")
    ShareGrantFactory.create(recipient=account, image__region__code="gz")

    page = client_for(account).get("/bj/images/?type=shared")

    assert "security" in text_of(page)
    assert grant.owner.account_id in text_of(page)
    assert "2 of 20 shared images" in text_of(page)


def test_filters_narrow_the_list(client_for, account):
    ImageFactory.create(owner=account, name="golden-linux", image_id="m-Abcd1234")
    ImageFactory.create(owner=account, name="windows", os_type="windows")
    ShareGrantFactory.create(image=ImageFactory.create(owner=account, name="given"))
    ImageFactory.create(owner=account, name="broken", settled_status=Image.Status.ERROR)
    browser = client_for(account)

    def found(query):
        return {row["image"].name for row in browser.get(f"/bj/images/?{query}").context["rows"]}

    assert found("q=GOLDEN") == {"golden-linux"}
    assert found("q=m-Abcd") == {"golden-linux"}
    assert found("os=windows") == {"windows"}
    assert found("status=Error") == {"broken"}
    assert found("shared=yes") == {"given"}
    assert found("shared=no") == {"golden-linux", "windows", "broken"}
    assert found("q=nothing-has-this-name") == set()
    assert found("q=%25") == set()


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "os=mac", "shared=maybe", "type=mine"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_a_query_that_makes_no_sense_does_not_break_the_list(client_for, account, query):
    ImageFactory.create(owner=account, name="golden")

    assert client_for(account).get(f"/bj/images/?{query}").status_code == 200


def test_public_images_come_in_pages(client_for, account):
    PublicImageFactory.create_batch(45)
    browser = client_for(account)

    pages = [browser.get(f"/bj/images/?type=public&page={n}").context["rows"] for n in (1, 2, 3)]

    assert [len(rows) for rows in pages] == [20, 20, 5]
    assert len({row["image"].pk for rows in pages for row in rows}) == 45


def image_progress(browser, *image_ids, region="bj"):
    return browser.get(f"/{region}/images/progress/", {"id": image_ids})


def test_progress_answers_what_is_still_being_made(client_for, account):
    making = ImageFactory.create(owner=account, creating=True)
    there = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    moving = image_progress(browser, making.image_id)
    settled = image_progress(browser, making.image_id, there.image_id)

    assert "HX-Trigger" not in moving.headers
    assert f'id="status-{making.image_id}" hx-swap-oob="true"' in moving.content.decode()
    assert "Creating" in text_of(moving)
    assert f'hx-get="/bj/images/progress/?id={making.image_id}"' in moving.content.decode()
    assert settled.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert "golden: Available." in text_of(settled)
    assert f'hx-get="/bj/images/progress/?id={making.image_id}"' in settled.content.decode()


@pytest.mark.parametrize("whose", ["a strangers", "of another region", "nobodys"])
def test_progress_of_what_is_not_there_is_the_same_as_of_nothing(client_for, account, whose):
    fields = {
        "a strangers": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "nobodys": {"image_id": "m-11111111"},
    }[whose]
    hidden = ImageFactory.create(copying=True, **fields)
    browser = client_for(account)

    answer, nothing = (image_progress(browser, each) for each in (hidden.image_id, "m-00000000"))

    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert answer.content == nothing.content
    assert text_of(answer).strip() == ""


def test_copying_can_be_begun_from_the_toolbar(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    dialog = client_for(account).get(
        "/bj/images/choose/",
        {"action": "copy", "image": image.image_id},
        headers=headers,
        follow=True,
    )

    assert dialog.redirect_chain == [(page_of(image, "copy/"), 302)]
    assert "Copy to region" in text_of(dialog)


@pytest.mark.parametrize("action", ["cancel", "edit", "use", "nonsense", ""])
def test_only_the_actions_of_the_toolbar_ask_for_an_image(client_for, account, action):
    ImageFactory.create(owner=account)

    assert client_for(account).get(f"/bj/images/choose/?action={action}").status_code == 404


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
