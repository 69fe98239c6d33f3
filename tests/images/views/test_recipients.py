"""The recipients on the page of an image: found, sorted, selected and exported."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from images.entries import read, read_file

from ...dom import find_all, get_values
from ...factories import AccountFactory, ImageFactory, InstanceFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def at(day):
    return datetime(2026, 3, day, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def image():
    """Return an image that is shared with three accounts."""
    image = ImageFactory.create()
    for name, day, instances in (("ann", 2, 1), ("bob", 1, 0), ("cid", 3, 2)):
        grant = ShareGrantFactory.create(
            image=image, recipient__name=name, recipient__uc_account=f"uc-{name}", shared_at=at(day)
        )
        InstanceFactory.create_batch(instances, owner=grant.recipient, image=image)
    return image


def get_names(page):
    return [grant.recipient.name for grant in page.context["grants"]]


def get_hidden(page):
    rows = find_all(page, "tr")
    hidden = [dict(row.attributes) for row in rows if "data-unmatched" in dict(row.attributes)]
    return [row["data-find"].split()[0] for row in hidden]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["ann", "bob", "cid"]),
        ("?sort=-account", ["cid", "bob", "ann"]),
        ("?sort=since", ["bob", "ann", "cid"]),
        ("?sort=-since", ["cid", "ann", "bob"]),
        ("?sort=instances", ["bob", "ann", "cid"]),
        ("?sort=-instances", ["cid", "ann", "bob"]),
        ("?sort=nonsense", ["ann", "bob", "cid"]),
        ("?sort=-nonsense", ["ann", "bob", "cid"]),
    ],
)
def test_the_address_sorts(client_for, image, headers, query, names):
    page = client_for(image.owner).get(page_of(image) + query, headers=headers)

    assert get_names(page) == names


def test_a_heading_sorts_or_turns_the_order_around(client_for, image):
    browser = client_for(image.owner)

    page = browser.get(page_of(image) + "?sort=since&recipient=a")

    (heading,) = find_all(page, "th", aria_sort="ascending")
    assert find_all(heading, "a", href="?sort=-since&recipient=a#recipients")
    assert find_all(page, "a", href="?sort=instances&recipient=a#recipients")
    (name,) = find_all(browser.get(page_of(image)), "th", aria_sort="ascending")
    assert find_all(name, "a", href="?sort=-account#recipients")


def test_the_page_refreshes_with_its_order_and_search(client_for, image):
    address = page_of(image) + "?sort=since&recipient=ann"

    page = client_for(image.owner).get(address)

    assert find_all(page, "div", id="image", hx_get=address)


@pytest.mark.parametrize("query", ["AN", "uc-ann"])
def test_the_address_finds(client_for, image, query):
    page = client_for(image.owner).get(page_of(image), {"recipient": query})

    assert get_hidden(page) == ["bob", "cid"]
    assert get_values(page, "recipient") == [query]


def test_the_address_finds_an_id(client_for, image):
    account_id = image.grants.get(recipient__name="bob").recipient.account_id

    page = client_for(image.owner).get(page_of(image), {"recipient": account_id})

    assert get_hidden(page) == ["ann", "cid"]


def test_the_selected_ones_go_to_the_unshare_dialog(client_for, image):
    browser = client_for(image.owner)
    page = browser.get(page_of(image))
    (form,) = find_all(page, "form", id="selected-recipients")
    ids = get_values(form, "recipients")

    dialog = browser.get(dict(form.attributes)["action"], {"recipients": ids[:2]})

    assert dict(form.attributes)["method"] == "get"
    assert dict(form.attributes)["hx-get"] == page_of(image, "unshare/")
    assert get_values(dialog, "recipients", only="checked") == ids[:2]


@pytest.mark.parametrize(("recipients", "is_region"), [(3, False), (11, True)])
def test_a_long_table_can_be_scrolled_with_the_keyboard(client_for, recipients, is_region):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)

    page = client_for(image.owner).get(page_of(image))

    regions = find_all(
        page, "div", role="region", tabindex="0", aria_labelledby="recipients-caption"
    )
    assert len(regions) == is_region


def test_the_export_has_all_recipients(client_for, image):
    response = client_for(image.owner).get(page_of(image, "recipients.csv") + "?recipient=bob")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="{image.image_id}-recipients.csv"' in response["Content-Disposition"]
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    headings, *rows = csv.reader(StringIO(content, newline=""))
    assert headings == ["Account", "Account ID", "Shared since (UTC)", "Shared by", "Instances"]
    ids = {grant.recipient.name: grant.recipient.account_id for grant in image.grants.all()}
    assert rows == [
        ["ann", ids["ann"], "2026-03-02T09:30:00Z", "somebody", "1"],
        ["bob", ids["bob"], "2026-03-01T09:30:00Z", "somebody", "0"],
        ["cid", ids["cid"], "2026-03-03T09:30:00Z", "somebody", "2"],
    ]


def test_the_export_runs_no_formula(client_for, image):
    image.grants.update(shared_by='=HYPERLINK("http://example.com")')

    response = client_for(image.owner).get(page_of(image, "recipients.csv"))

    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in content


def test_the_export_can_be_pasted_into_the_share_dialog(client_for, image):
    response = client_for(image.owner).get(page_of(image, "recipients.csv"))

    reading = read(read_file(b"".join(response.streaming_content)))

    ids = {grant.recipient.account_id for grant in image.grants.all()}
    assert set(reading.texts) in (ids, {"ann", "bob", "cid"})


def test_only_the_owner_exports(client_for, image):
    path = page_of(image, "recipients.csv")
    recipient = image.grants.get(recipient__name="ann").recipient

    assert client_for(AccountFactory.create()).get(path).status_code == 404
    response = client_for(recipient).get(path)
    assert response.status_code == 403
    assert "bob" not in text_of(response).split()
