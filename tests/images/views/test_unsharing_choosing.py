"""Choose recipients in the Unshare dialog: from a pasted list, by search, all of them or none."""

from __future__ import annotations

import pytest

from images.models import ShareGrant

from ...dom import find_all, get_text
from ...factories import AccountFactory, ImageFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db

NAMES = ("t001", "t002", "t003", "prod", "beta")


@pytest.fixture
def image():
    image = ImageFactory.create(name="golden")
    for name in NAMES:
        ShareGrantFactory.create(
            image=image, recipient__name=name, recipient__uc_account=f"baidu-{name}"
        )
    return image


@pytest.fixture
def choose(image, client_for, headers):
    """Return a function that presses a button of the dialog and returns the answer."""
    browser = client_for(image.owner)

    def press(button, **typed):
        data = {"choose": button, **typed}
        return browser.post(page_of(image, "unshare/choose/"), data, headers=headers)

    return press


def get_id(image, name):
    return image.grants.get(recipient__name=name).recipient.account_id


def get_ticked(response):
    boxes = find_all(response, "input", name="recipients")
    attributes = [dict(box.attributes) for box in boxes]
    return [each["data-name"] for each in attributes if "checked" in each]


def get_hidden(response):
    items = [item for item in find_all(response, "li") if "data-unmatched" in dict(item.attributes)]
    boxes = [find_all(item, "input", name="recipients")[0] for item in items]
    return {dict(box.attributes)["data-name"] for box in boxes}


def get_box(response):
    (box,) = find_all(response, "textarea", name="list")
    return box, get_text(box).split()


def test_a_pasted_list_ticks_the_recipients_and_names_the_others(image, choose):
    pasted = f"t001, BAIDU-T002\n{get_id(image, 'prod')}; stranger  {'0' * 32}"

    response = choose("listed", list=pasted, recipients=get_id(image, "beta"))

    assert response.status_code == 200
    assert get_ticked(response) == ["beta", "prod", "t001", "t002"]
    box, left = get_box(response)
    assert left == ["stranger", "0" * 32]
    assert dict(box.attributes)["aria-invalid"] == "true"
    text = text_of(response)
    assert "Selected 3 accounts of the list." in text
    assert f"Not recipients of this image: stranger, {'0' * 32}" in text
    assert ShareGrant.objects.count() == 5


def test_a_pasted_table_is_read_by_its_column_of_accounts(choose):
    table = "Account\tNote\nt001\tprod\nt003\tbeta"

    response = choose("listed", list=table)

    assert get_ticked(response) == ["t001", "t003"]
    assert get_box(response)[1] == []


def test_a_pasted_list_without_recipients_selects_nothing(choose):
    response = choose("listed", list="nobody")

    assert get_ticked(response) == []
    assert "Not a recipient of this image: nobody" in text_of(response)


def test_a_list_that_is_too_long_is_kept_and_not_read(choose):
    response = choose("listed", list="t001 " * 100_000)

    assert get_ticked(response) == []
    assert get_box(response)[1] == ["t001"] * 100_000
    text = text_of(response)
    assert "This list is too long to read. Enter at most 500 accounts at a time." in text


def test_the_list_looks_up_no_account(choose, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    other = AccountFactory.create()

    response = choose("listed", list=f"t001 {other.name}")

    assert response.status_code == 200
    assert get_ticked(response) == ["t001"]
    assert other.account_id not in response.content.decode()


def test_a_name_of_one_recipient_that_is_the_baidu_account_of_another_ticks_neither(image, choose):
    ShareGrantFactory.create(
        image=image, recipient__name="baidu-t001", recipient__uc_account="else"
    )

    response = choose("listed", list="baidu-t001")

    assert get_ticked(response) == []
    assert get_box(response)[1] == ["baidu-t001"]


def test_search_keeps_what_is_ticked(image, choose):
    response = choose("search", q="T00", recipients=get_id(image, "prod"))

    assert get_ticked(response) == ["prod"]
    assert get_hidden(response) == {"prod", "beta"}


@pytest.mark.parametrize("query", ["t003", "baidu-t003"])
def test_search_finds_names_and_baidu_accounts(choose, query):
    assert get_hidden(choose("search", q=query)) == {"t001", "t002", "prod", "beta"}


def test_search_finds_the_start_of_an_id(image, choose):
    assert "prod" not in get_hidden(choose("search", q=get_id(image, "prod")[:12]))
    assert "prod" in get_hidden(choose("search", q=get_id(image, "prod")[4:]))


def test_all_and_none_change_what_was_found(image, choose):
    ticked = choose("all", q="t00", recipients=get_id(image, "prod"))
    assert get_ticked(ticked) == ["prod", "t001", "t002", "t003"]

    cleared = choose("none", q="t00", recipients=[get_id(image, "t001"), get_id(image, "prod")])
    assert get_ticked(cleared) == ["prod"]


def test_without_a_search_all_and_none_change_all(image, choose):
    assert len(get_ticked(choose("all"))) == 5
    assert get_ticked(choose("none", recipients=[get_id(image, "t001")])) == []


def test_ok_of_the_answer_unshares(image, choose):
    response = choose("listed", list="t001")

    (form,) = [form for form in find_all(response, "form") if find_all(form, "textarea")]
    assert dict(form.attributes)["action"] == page_of(image, "unshare/")


def test_the_address_searches_and_ticks(image, client_for):
    page = client_for(image.owner).get(
        page_of(image, "unshare/"), {"q": "t00", "recipients": get_id(image, "beta")}
    )

    assert get_ticked(page) == ["beta"]
    assert get_hidden(page) == {"prod", "beta"}


def test_the_address_of_the_buttons_leads_to_the_dialog(image, client_for):
    response = client_for(image.owner).get(page_of(image, "unshare/choose/"))

    assert response.url == page_of(image, "unshare/")


def test_a_recipient_is_refused(image, client_for):
    recipient = image.grants.get(recipient__name="t001").recipient

    response = client_for(recipient).post(page_of(image, "unshare/choose/"), {"choose": "all"})

    assert response.status_code == 403
    assert "prod" not in text_of(response).split()


def test_an_image_that_is_not_shared_is_refused(client_for, headers):
    image = ImageFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "unshare/choose/"), {"choose": "all"}, headers=headers
    )

    assert response.status_code == 422
    assert "This image isn't shared." in text_of(response)
