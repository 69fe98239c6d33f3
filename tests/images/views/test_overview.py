"""The Overview: quotas, image sharing and recent activity."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts import audit
from images import sharing

from ...dom import find_all, get_text
from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db


def read_table(page):
    """Return the rows of the tables beside the picture, each as the texts of its cells."""
    rows = [
        row
        for table in find_all(page, "table", class_="sharing-table table")
        for body in find_all(table, "tbody")
        for row in find_all(body, "tr")
    ]
    return [[get_text(cell) for cell in row.children] for row in rows]


def find_picture(page):
    (picture,) = find_all(page, "svg", class_="picture")
    return picture


def read_boxes(page):
    """Return the name, note and URL of each box in the picture."""
    links = find_all(find_picture(page), "a")
    return [
        (*(get_text(part) for part in link.children), dict(link.attributes)["href"])
        for link in links
    ]


def test_the_home_page_is_the_overview_of_the_first_region(client_for, account):
    RegionFactory.create(code="gz", name_en="Guangzhou", position=9)
    RegionFactory.create(code="bj")

    page = client_for(account).get("/", follow=True)

    assert page.redirect_chain == [("/bj/", 302)]
    assert "Overview Beijing" in text_of(page)
    assert find_all(page, "a", href="/bj/", aria_current="page")
    # The region picker links to the same page in other regions.
    (link,) = find_all(page, "a", href="/gz/")
    assert get_text(link) == "Guangzhou"


def test_the_overview_is_not_current_on_other_pages(client_for, account):
    RegionFactory.create()

    page = client_for(account).get("/bj/images/")

    (link,) = find_all(page, "a", href="/bj/")
    assert dict(link.attributes) == {"href": "/bj/"}


def test_an_unknown_region_is_not_found(client_for, account):
    RegionFactory.create()

    assert client_for(account).get("/xx/").status_code == 404


def test_quotas_link_to_the_pages_of_their_items(client_for, account):
    golden = ImageFactory.create(owner=account, name="golden")
    ShareGrantFactory.create_batch(2, image=golden)
    ShareGrantFactory.create(image=ImageFactory.create(owner=account, name="trial"))
    elsewhere = RegionFactory.create(code="gz", name_en="Guangzhou", position=9)
    ImageFactory.create(owner=account, region=elsewhere)
    ShareGrantFactory.create(recipient=account)
    ShareGrantFactory.create(recipient=account, image__region=elsewhere)
    InstanceFactory.create_batch(3, owner=account)
    InstanceFactory.create(owner=account, stopped=True)
    InstanceFactory.create(owner=account, starting=True)
    InstanceFactory.create(owner=account, expired=True)
    InstanceFactory.create(owner=account, region=elsewhere)
    InstanceFactory.create()

    page = client_for(account).get("/bj/")

    text = text_of(page)
    assert "Custom Images 2 of 20 Region: Beijing" in text
    assert "Shared Images 2 of 20 Across all regions, 1 in Beijing" in text
    assert "Most shared image 2 of 50 accounts golden" in text
    assert "Instances 6 Starting 1 Running 3 Stopped 1 Expired 1" in text
    for href in (
        "/bj/images/",
        "/bj/images/?type=shared",
        page_of(golden) + "#recipients",
        "/bj/instances/",
        "/bj/instances/?status=Running",
    ):
        assert find_all(page, "a", href=href)


def test_limits_are_those_of_the_account(client_for):
    account = AccountFactory.create(custom_image_limit=3, received_image_limit=4, recipient_limit=5)
    RegionFactory.create()

    text = text_of(client_for(account).get("/bj/"))

    assert "Custom Images 0 of 3" in text
    assert "Shared Images 0 of 4" in text
    assert "Most shared image 0 of 5 accounts You share no images in Beijing." in text


def test_every_box_is_a_link_and_the_table_has_the_same_content(client_for, account):
    golden = ImageFactory.create(owner=account, name="golden")
    for name in ("search", "payments"):
        ShareGrantFactory.create(image=golden, recipient=AccountFactory.create(name=name))
    trial = ShareGrantFactory.create(
        image__owner=account, image__name="trial", recipient__name="risk"
    )
    spark = ImageFactory.create(owner=AccountFactory.create(name="data"), name="spark")
    ShareGrantFactory.create(image=spark, recipient=account)
    payments = golden.grants.get(recipient__name="payments").recipient.account_id

    page = client_for(account).get("/bj/")

    assert read_table(page) == [
        ["trial", "You", "risk"],
        ["golden", "You", "payments, search"],
        ["spark", "data", "You"],
    ]
    assert sorted(read_boxes(page)) == [
        ("golden", "2", page_of(golden)),
        ("payments, search", "2", f"?open={payments}#sharing"),
        ("platform (you)", "/bj/images/?type=shared"),
        ("risk", f"{reverse('activity:list', args=['bj'])}?account={trial.recipient.account_id}"),
        ("spark", "data", page_of(spark)),
        ("trial", "1", page_of(trial.image)),
    ]
    labels = [dict(link.attributes)["aria-label"] for link in find_all(find_picture(page), "a")]
    assert "golden, shared with payments, search" in labels
    assert "risk: view activity" in labels


def test_a_group_opens_and_closes(client_for, account):
    golden = ImageFactory.create(owner=account, name="golden")
    for name in ("search", "payments"):
        ShareGrantFactory.create(image=golden, recipient=AccountFactory.create(name=name))
    browser = client_for(account)
    (group,) = (box for box in read_boxes(browser.get("/bj/")) if "payments" in box[0])

    page = browser.get("/bj/" + group[-1])

    assert [box[0] for box in read_boxes(page)] == ["golden", "payments", "search"]
    assert find_all(page, "a", href="/bj/#sharing")


def share_with_branches(account, count, images=1):
    branches = [AccountFactory.create(name=f"branch-{n:02}") for n in range(count)]
    for n in range(images):
        image = ImageFactory.create(owner=account, name=f"golden-{n}")
        for branch in branches:
            ShareGrantFactory.create(image=image, recipient=branch)
    return branches


def read_matrix(page):
    """Return the rows of the matrix, with its heads, each as the texts of its cells."""
    tables = find_all(page, "table", class_="matrix")
    return [[get_text(cell) for cell in row.children] for row in find_all(tables[0], "tr")]


def test_from_eight_recipients_on_the_picture_is_a_matrix(client_for, account):
    branches = share_with_branches(account, 8)
    ShareGrantFactory.create(image__owner=account, image__name="trial", recipient=branches[0])
    ShareGrantFactory.create(recipient=account, image__name="spark", image__owner__name="data")

    page = client_for(account).get("/bj/")

    assert not find_all(page, "svg", class_="picture")
    assert read_matrix(page) == [
        ["Account", "trial", "golden-0"],
        ["branch-00", "✓", "✓"],
        *([f"branch-{n:02}", "", "✓"] for n in range(1, 8)),
    ]
    (link,) = find_all(page, "a", aria_label="branch-03: view activity")
    account_id = branches[3].account_id
    assert (
        dict(link.attributes)["href"]
        == f"{reverse('activity:list', args=['bj'])}?account={account_id}"
    )
    assert "8 accounts" in text_of(page)
    # On a narrow screen there is a list for each image.
    assert read_table(page)[1][2].startswith("branch-00, branch-01, branch-02 and 5 more")
    assert read_table(page)[1][2].endswith("branch-06branch-07")
    assert read_table(page)[2] == ["spark", "data", "You"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("branch-03", [["Account", "trial", "golden-0"], ["branch-03", "✓", "✓"]]),
        ("TRIAL", [["Account", "trial"], ["branch-03", "✓"]]),
    ],
)
def test_the_matrix_can_be_searched(client_for, account, headers, query, rows):
    branches = share_with_branches(account, 8)
    ShareGrantFactory.create(image__owner=account, image__name="trial", recipient=branches[3])

    page = client_for(account).get("/bj/", {"q": query}, headers=headers)

    assert read_matrix(page) == rows
    assert find_all(page, "input", name="q", value=query)


def test_a_search_without_a_match_offers_to_clear_it(client_for, account):
    share_with_branches(account, 8)

    page = client_for(account).get("/bj/?q=nobody")

    assert "No results match your filters." in text_of(page)
    assert find_all(page, "a", class_="button", href="/bj/#sharing")


def test_the_picture_has_only_shared_images_in_the_region(client_for, account):
    RegionFactory.create(code="gz", name_en="Guangzhou", position=9)
    ImageFactory.create(owner=account, name="kept")
    PublicImageFactory.create(name="public")
    ShareGrantFactory.create(image__owner=account, image__name="south", image__region__code="gz")
    ShareGrantFactory.create(
        recipient=account, image__name="received-in-south", image__region__code="gz"
    )
    ShareGrantFactory.create(image__name="strange")

    page = client_for(account).get("/bj/")

    assert "No shared images yet" in text_of(page)
    assert find_all(page, "a", class_="button primary", href="/bj/images/")
    for name in ("kept", "public", "south", "received-in-south", "strange"):
        assert name not in page.content.decode()


def test_only_the_owner_sees_the_recipients_of_an_image(client_for, account):
    golden = ImageFactory.create(owner=AccountFactory.create(name="owner-name"), name="golden")
    rival = AccountFactory.create(name="rival-name")
    for recipient in (account, rival):
        ShareGrantFactory.create(image=golden, recipient=recipient)
    # Neither a common image nor an own image reveals other recipients.
    ShareGrantFactory.create(
        image=ImageFactory.create(owner=account, name="mine"),
        recipient=AccountFactory.create(name="friend"),
    )

    recipient_page = client_for(account).get("/bj/").content.decode()
    stranger_page = client_for(AccountFactory.create()).get("/bj/").content.decode()

    assert "rival-name" not in recipient_page
    assert rival.account_id not in recipient_page
    assert "owner-name" in recipient_page
    for name in ("golden", "mine", "owner-name", "rival-name", "friend", "platform"):
        assert name not in stranger_page


def test_an_unshared_image_disappears_at_once(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__name="golden")
    browser = client_for(account)
    assert "golden" in [box[0] for box in read_boxes(browser.get("/bj/"))]

    data = {"recipients": account.account_id}
    client_for(grant.owner).post(page_of(grant.image, "unshare/"), data)

    page = browser.get("/bj/")
    assert "No shared images yet" in text_of(page)
    assert grant.image.image_id not in page.content.decode()


def test_the_recent_activity_is_that_of_the_account(client_for, account, actor_for):
    RegionFactory.create()
    for _ in range(10):
        audit.record(actor_for(account), audit.Verb.CREATE_KEY)
        audit.record(actor_for(account), audit.Verb.SIGN_IN)
    audit.record(actor_for(AccountFactory.create(name="stranger")), audit.Verb.CREATE_KEY)

    page = client_for(account).get("/bj/")

    (timeline,) = find_all(page, "ol", class_="timeline")
    assert len(find_all(timeline, "li")) == 8
    assert "stranger" not in get_text(timeline)
    assert "Signed in" not in get_text(timeline)
    assert find_all(page, "a", href="/bj/activity/")


def test_the_overview_says_when_there_is_no_activity(client_for, account):
    RegionFactory.create()

    assert "No activity yet" in text_of(client_for(account).get("/bj/"))


def test_htmx_refreshes_the_overview_after_a_change(client_for, account, htmx):
    golden = ImageFactory.create(owner=account, name="golden")
    AccountFactory.create(name="payments")
    browser = client_for(account)
    trigger = "images:changed from:body, instances:changed from:body"
    assert find_all(browser.get("/bj/"), "div", id="overview", hx_get="/bj/", hx_trigger=trigger)

    share(browser, golden, "payments", htmx)
    fragment = browser.get("/bj/", headers=htmx)

    assert "<html" not in fragment.content.decode()
    assert [box[0] for box in read_boxes(fragment)] == ["golden", "payments"]
    assert "golden is now shared with payments." in text_of(fragment)


def test_the_picture_shows_twenty_images_of_each_kind_and_counts_the_others(client_for):
    account = AccountFactory.create(custom_image_limit=30, received_image_limit=30)
    recipient = AccountFactory.create()
    for image in ImageFactory.create_batch(22, owner=account):
        ShareGrantFactory.create(image=image, recipient=recipient)
    ShareGrantFactory.create_batch(21, recipient=account)

    page = client_for(account).get("/bj/")

    assert len(read_table(page)) == 40
    assert "3 more images" in text_of(page)


def test_numbers_in_the_picture_have_no_thousands_separators(client_for, account):
    recipient = AccountFactory.create()
    for image in ImageFactory.create_batch(20, owner=account):
        ShareGrantFactory.create(image=image, recipient=recipient)
    ShareGrantFactory.create_batch(20, recipient=account)

    picture = find_picture(client_for(account).get("/bj/"))

    assert dict(picture.attributes)["height"] == "1520"
    assert not re.search(r"\d,\d", str(picture))


@pytest.mark.parametrize(("images", "recipients"), [(1, 2), (20, 50)])
def test_the_overview_takes_eleven_queries(
    client_for, actor_for, django_assert_num_queries, images, recipients
):
    account = AccountFactory.create()
    for image in ImageFactory.create_batch(images, owner=account):
        grants = ShareGrantFactory.create_batch(recipients, image=image)
    ShareGrantFactory.create_batch(images, recipient=account)
    instances = InstanceFactory.create_batch(images, owner=account, starting=True)
    by = actor_for(account)
    audit.record_each(by, audit.Verb.CREATE_INSTANCE, [each.audit_target for each in instances])
    entries = [sharing.Entry(grant.recipient.name, [grant.recipient]) for grant in grants[:1]]
    sharing.unshare(image=image, entries=entries, by=by)
    browser = client_for(account)

    with django_assert_num_queries(11):
        page = browser.get("/bj/")

    assert len(read_table(page)) == 2 * images
    assert "Unshared image" in text_of(page)
    assert find_all(page, "a", class_="action")
    assert len(page.content) < 150_000


def test_instances_are_counted_by_their_current_status(client_for, account):
    InstanceFactory.create(owner=account, starting=True, expired=True)
    InstanceFactory.create(owner=account, image_processing=True)
    InstanceFactory.create(owner=account, stopped=True, expired=True)

    page = client_for(account).get("/bj/")

    assert "Instances 3 Starting 1 Creating image 1 Expired 1" in text_of(page)
