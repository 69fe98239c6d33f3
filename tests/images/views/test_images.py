"""The Image List: tabs, filters, pages and progress."""

from __future__ import annotations

import pytest

from images.models import Image

from ...dom import find_all, get_text, get_values
from ...factories import (
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import text_of

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


def change_filter(browser, query, before):
    """Return the answer to a filter that was changed on the page."""
    url = f"http://testserver/bj/images/{before}"
    headers = {"HX-Request": "true", "HX-Trigger": "filters", "HX-Current-URL": url}
    return browser.get(f"/bj/images/{query}", headers=headers)


@pytest.mark.parametrize(
    ("query", "before", "header"),
    [
        ("?type=custom&q=&status=Error&os=", "", "HX-Push-Url"),
        ("?type=custom&q=g&status=", "?type=custom", "HX-Push-Url"),
        ("?type=custom&q=go&status=", "?type=custom&q=g", "HX-Replace-Url"),
        ("?type=custom&q=g&status=Error", "?type=custom&q=g", "HX-Push-Url"),
        ("?type=custom&q=&status=", "?type=custom&q=g", "HX-Push-Url"),
        ("?type=custom&q=&status=", "?type=custom", "HX-Replace-Url"),
    ],
)
def test_a_changed_filter_changes_the_address(client_for, account, query, before, header):
    answer = change_filter(client_for(account), query, before)

    addresses = {
        "?type=custom&q=&status=Error&os=": "/bj/images/?type=custom&status=Error",
        "?type=custom&q=g&status=": "/bj/images/?type=custom&q=g",
        "?type=custom&q=go&status=": "/bj/images/?type=custom&q=go",
        "?type=custom&q=g&status=Error": "/bj/images/?type=custom&q=g&status=Error",
        "?type=custom&q=&status=": "/bj/images/?type=custom",
    }
    put = {name: value for name, value in answer.headers.items() if name.endswith("-Url")}
    assert put == {header: addresses[query]}
    assert find_all(answer, "div", id="images", hx_get=addresses[query])


@pytest.mark.parametrize(
    ("count", "sentence"), [(0, "0 images found"), (1, "1 image found"), (3, "3 images found")]
)
def test_a_changed_filter_says_how_many_images_it_finds(client_for, account, count, sentence):
    ImageFactory.create_batch(count, owner=account)

    answer = change_filter(client_for(account), "?type=custom", "")

    (announcer,) = find_all(answer, "div", id="announcer", hx_swap_oob="innerHTML")
    assert get_text(announcer).strip() == sentence


def test_a_refreshed_list_says_nothing_and_keeps_the_address(client_for, account, htmx):
    answer = client_for(account).get("/bj/images/?q=go&status=", headers=htmx)

    assert not find_all(answer, "div", id="announcer")
    assert not [name for name in answer.headers if name.endswith("-Url")]
    assert find_all(answer, "div", id="images", hx_get="/bj/images/?q=go")


def test_filters_can_be_cleared_and_leave_the_order(client_for, account):
    page = client_for(account).get(
        "/bj/images/?type=custom&q=none&status=Error&page=3&sort=-name&shared="
    )

    assert len(find_all(page, "a", href="?type=custom&sort=-name")) == 2
    assert "No results match your filters." in text_of(page)
    assert get_values(page, "sort") == ["-name"]


def test_only_the_custom_tab_has_a_selection(client_for, account):
    ImageFactory.create(owner=account)
    ShareGrantFactory.create(recipient=account)
    PublicImageFactory.create()
    browser = client_for(account)

    found = {
        tab: [
            len(find_all(browser.get(f"/bj/images/?type={tab}"), name, **attributes))
            for name, attributes in [
                ("input", {"name": "image", "type": "checkbox"}),
                ("input", {"data_select_all": "rows"}),
                ("button", {"name": "action"}),
            ]
        ]
        for tab in ("custom", "shared", "public")
    }

    assert found == {"custom": [1, 1, 4], "shared": [0, 0, 0], "public": [0, 0, 0]}


def test_creating_an_image_is_the_only_primary_action(client_for, account):
    ImageFactory.create(owner=account)

    page = client_for(account).get("/bj/images/")

    primaries = [
        dict(each.attributes)["id"]
        for name in ("a", "button")
        for each in find_all(page, name)
        if "primary" in dict(each.attributes).get("class", "")
    ]
    assert primaries == ["create"]


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
