"""The Image List: tabs, filters, pages, progress and the toolbar."""

from __future__ import annotations

import pytest

from images.models import Image

from ...dom import find_all
from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_htmx_gets_the_list_as_a_fragment(client_for, account, htmx):
    ImageFactory.create(owner=account, name="golden")

    fragment = client_for(account).get("/bj/images/", headers=htmx).content.decode()

    assert "golden" in fragment
    assert "<html" not in fragment


def test_each_tab_shows_its_images_in_the_region(client_for, account):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(recipient=account, image__name="received")
    ShareGrantFactory.create(
        recipient=account, image__name="received-elsewhere", image__region__code="gz"
    )
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    shown = {
        tab: [row["image"].name for row in browser.get(f"/bj/images/?type={tab}").context["rows"]]
        for tab in ("custom", "shared", "public")
    }

    assert shown == {"custom": ["mine"], "shared": ["received"], "public": ["for-all"]}


def test_the_shared_tab_shows_the_owner_and_the_limit_of_shared_images(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__owner__name="security")
    ShareGrantFactory.create(recipient=account, image__region__code="gz")

    page = client_for(account).get("/bj/images/?type=shared")

    assert "security" in text_of(page)
    assert grant.owner.account_id in text_of(page)
    assert "2 of 20 shared images" in text_of(page)


def test_filters_narrow_the_list(client_for, account):
    ImageFactory.create(owner=account, name="golden-linux", image_id="m-Abcd1234")
    ImageFactory.create(owner=account, name="windows", os_type="windows")
    ShareGrantFactory.create(image=ImageFactory.create(owner=account, name="shared"))
    ImageFactory.create(owner=account, name="broken", settled_status=Image.Status.ERROR)
    browser = client_for(account)

    def search(query):
        return {row["image"].name for row in browser.get(f"/bj/images/?{query}").context["rows"]}

    assert search("q=GOLDEN") == {"golden-linux"}
    assert search("q=m-Abcd") == {"golden-linux"}
    assert search("os=windows") == {"windows"}
    assert search("status=Error") == {"broken"}
    assert search("shared=yes") == {"shared"}
    assert search("shared=no") == {"golden-linux", "windows", "broken"}
    assert search("q=nothing-has-this-name") == set()
    assert search("q=%25") == set()


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "os=mac", "shared=maybe", "type=mine"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_an_invalid_query_does_not_break_the_list(client_for, account, query):
    ImageFactory.create(owner=account, name="golden")

    assert client_for(account).get(f"/bj/images/?{query}").status_code == 200


def test_public_images_are_paged(client_for, account):
    PublicImageFactory.create_batch(45)
    browser = client_for(account)

    pages = [browser.get(f"/bj/images/?type=public&page={n}").context["rows"] for n in (1, 2, 3)]

    assert [len(rows) for rows in pages] == [20, 20, 5]
    assert len({row["image"].pk for rows in pages for row in rows}) == 45


def get_progress(browser, *image_ids, region="bj"):
    return browser.get(f"/{region}/images/progress/", {"id": image_ids})


def test_progress_shows_the_images_still_being_created(client_for, account):
    creating = ImageFactory.create(owner=account, creating=True)
    available = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    settling = get_progress(browser, creating.image_id)
    settled = get_progress(browser, creating.image_id, available.image_id)

    assert "HX-Trigger" not in settling.headers
    assert find_all(settling, "span", id=f"status-{creating.image_id}", hx_swap_oob="true")
    assert "Creating" in text_of(settling)
    next_url = f"/bj/images/progress/?id={creating.image_id}"
    assert find_all(settling, "div", hx_get=next_url)
    assert settled.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert "golden: Available." in text_of(settled)
    assert find_all(settled, "div", hx_get=next_url)


@pytest.mark.parametrize("whose", ["of a stranger", "of another region", "of nobody"])
def test_progress_of_a_hidden_image_is_the_same_as_of_an_unknown_one(client_for, account, whose):
    fields = {
        "of a stranger": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "of nobody": {"image_id": "m-11111111"},
    }[whose]
    hidden = ImageFactory.create(copying=True, **fields)
    browser = client_for(account)

    response, unknown = (get_progress(browser, each) for each in (hidden.image_id, "m-00000000"))

    assert response.status_code == 200
    assert response.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert response.content == unknown.content
    assert text_of(response).strip() == ""


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
