"""The Overview: quotas, who can use what, and what happened last."""

from __future__ import annotations

import re

import pytest

from accounts import audit
from images import sharing

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


def part_of(page, pattern):
    (part,) = re.findall(pattern, page.content.decode(), re.DOTALL)
    return part


def table_of(page):
    """The rows of the table that says what the picture shows."""
    html = page.content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", html.split("<tbody>")[1], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def picture_of(page):
    return part_of(page, r'<svg class="picture".*?</svg>')


def boxes_of(page):
    return re.findall(r'<text (?:class="note" )?x[^>]*>(.*?)</text>', picture_of(page))


def test_signing_in_leads_to_the_overview_of_the_first_region(client_for, account):
    RegionFactory.create(code="gz", name_en="Guangzhou", position=9)
    RegionFactory.create(code="bj")

    page = client_for(account).get("/", follow=True)

    assert page.redirect_chain == [("/bj/", 302)]
    assert "Overview Beijing" in text_of(page)
    assert '<a href="/bj/" aria-current="page">' in page.content.decode()
    # The region picker leads to the same page elsewhere.
    assert '<a href="/gz/">Guangzhou</a>' in page.content.decode()


def test_other_pages_are_not_the_overview(client_for, account):
    RegionFactory.create()

    page = client_for(account).get("/bj/images/").content.decode()

    assert '<a href="/bj/">' in page


def test_an_unknown_region_does_not_exist(client_for, account):
    RegionFactory.create()

    assert client_for(account).get("/xx/").status_code == 404


def test_quotas_lead_to_where_one_acts(client_for, account):
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
    assert "Custom images 2 of 20 Region: Beijing" in text
    assert "Shared images 2 of 20 All regions together, 1 of them in Beijing" in text
    assert "Most shared image 2 of 50 accounts golden" in text
    assert "Instances 6 Starting 1 Running 3 Stopped 1 Expired 1" in text
    for href in (
        "/bj/images/",
        "/bj/images/?type=shared",
        page_of(golden) + "#recipients",
        "/bj/instances/",
        "/bj/instances/?status=Running",
    ):
        assert f'href="{href}"' in page.content.decode()


def test_limits_are_the_accounts_own(client_for):
    account = AccountFactory.create(custom_image_limit=3, received_image_limit=4, recipient_limit=5)
    RegionFactory.create()

    text = text_of(client_for(account).get("/bj/"))

    assert "Custom images 0 of 3" in text
    assert "Shared images 0 of 4" in text
    assert "Most shared image 0 of 5 accounts You share no image in Beijing." in text


def test_the_table_says_what_the_picture_shows(client_for, account):
    golden = ImageFactory.create(owner=account, name="golden")
    for name in ("search", "payments"):
        ShareGrantFactory.create(image=golden, recipient=AccountFactory.create(name=name))
    spark = ImageFactory.create(owner=AccountFactory.create(name="data"), name="spark")
    ShareGrantFactory.create(image=spark, recipient=account)

    page = client_for(account).get("/bj/")

    assert table_of(page) == [["golden", "You", "payments, search"], ["spark", "data", "You"]]
    assert boxes_of(page) == [
        "golden", "2", "payments, search", "spark", "data", "platform (you)"
    ]  # fmt: skip
    for image in (golden, spark):
        assert page.content.decode().count(f'href="{page_of(image)}"') == 2


def test_the_picture_is_for_the_eyes_alone(client_for):
    grant = ShareGrantFactory.create()

    svg = picture_of(client_for(grant.owner).get("/bj/"))

    assert 'aria-hidden="true"' in svg
    assert svg.count("<a ") == svg.count('tabindex="-1"') == 1


def test_only_shared_images_of_this_region_are_drawn(client_for, account):
    RegionFactory.create(code="gz", name_en="Guangzhou", position=9)
    ImageFactory.create(owner=account, name="kept")
    PublicImageFactory.create(name="public")
    ShareGrantFactory.create(image__owner=account, image__name="south", image__region__code="gz")
    ShareGrantFactory.create(
        recipient=account, image__name="received-in-south", image__region__code="gz"
    )
    ShareGrantFactory.create(image__name="strange")

    page = client_for(account).get("/bj/")

    assert "Nothing is shared here yet" in text_of(page)
    assert 'class="button primary" href="/bj/images/"' in page.content.decode()
    for name in ("kept", "public", "south", "received-in-south", "strange"):
        assert name not in page.content.decode()


def test_who_else_has_an_image_is_told_to_its_owner_only(client_for, account):
    golden = ImageFactory.create(owner=AccountFactory.create(name="owner-name"), name="golden")
    rival = AccountFactory.create(name="rival-name")
    for recipient in (account, rival):
        ShareGrantFactory.create(image=golden, recipient=recipient)
    # What is shared with both is no way to learn of each other, and neither is one's own image.
    ShareGrantFactory.create(
        image=ImageFactory.create(owner=account, name="mine"),
        recipient=AccountFactory.create(name="friend"),
    )

    mine = client_for(account).get("/bj/").content.decode()
    strangers = client_for(AccountFactory.create()).get("/bj/").content.decode()

    assert "rival-name" not in mine
    assert rival.account_id not in mine
    assert "owner-name" in mine
    for name in ("golden", "mine", "owner-name", "rival-name", "friend", "platform"):
        assert name not in strangers


def test_what_is_taken_back_is_gone_at_once(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__name="golden")
    browser = client_for(account)
    assert "golden" in boxes_of(browser.get("/bj/"))

    taken = {"recipients": account.account_id}
    client_for(grant.owner).post(page_of(grant.image, "unshare/"), taken)

    page = browser.get("/bj/")
    assert "Nothing is shared here yet" in text_of(page)
    assert grant.image.image_id not in page.content.decode()


def test_the_last_activity_is_the_accounts_own(client_for, account, actor_for):
    RegionFactory.create()
    for _time in range(10):
        audit.record(actor_for(account), audit.Verb.CREATE_KEY)
        audit.record(actor_for(account), audit.Verb.SIGN_IN)
    audit.record(actor_for(AccountFactory.create(name="stranger")), audit.Verb.CREATE_KEY)

    page = client_for(account).get("/bj/")

    timeline = part_of(page, r'<ol class="timeline">.*?</ol>')
    assert timeline.count("<li") == 8
    assert "stranger" not in timeline
    assert "Signed in" not in timeline
    assert 'href="/activity/"' in page.content.decode()


def test_an_account_without_activity_is_told_so(client_for, account):
    RegionFactory.create()

    assert "Nothing was done yet" in text_of(client_for(account).get("/bj/"))


def test_htmx_draws_it_anew_after_a_change(client_for, account, htmx):
    golden = ImageFactory.create(owner=account, name="golden")
    AccountFactory.create(name="payments")
    browser = client_for(account)
    assert "images:changed from:body" in browser.get("/bj/").content.decode()

    share(browser, golden, "payments", htmx)
    fragment = browser.get("/bj/", headers=htmx)

    assert "<html" not in fragment.content.decode()
    assert boxes_of(fragment) == ["golden", "1", "payments"]
    assert "golden is now shared with payments." in text_of(fragment)


def test_twenty_images_of_each_kind_are_drawn_and_the_others_counted(client_for):
    account = AccountFactory.create(custom_image_limit=30, received_image_limit=30)
    for image in ImageFactory.create_batch(22, owner=account):
        ShareGrantFactory.create(image=image)
    ShareGrantFactory.create_batch(21, recipient=account)

    page = client_for(account).get("/bj/")

    assert len(table_of(page)) == 40
    assert "3 more images" in text_of(page)


def test_numbers_in_the_picture_have_no_separators(client_for, account):
    for image in ImageFactory.create_batch(20, owner=account):
        ShareGrantFactory.create(image=image)
    ShareGrantFactory.create_batch(20, recipient=account)

    svg = picture_of(client_for(account).get("/bj/"))

    assert 'height="1520"' in svg
    assert not re.search(r"\d,\d", svg)


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
    taken = [sharing.Entry(grant.recipient.name, [grant.recipient]) for grant in grants[:1]]
    sharing.unshare(image=image, entries=taken, by=by)
    browser = client_for(account)

    with django_assert_num_queries(11):
        page = browser.get("/bj/")

    assert len(table_of(page)) == 2 * images
    assert "Undo Unshared image" in text_of(page)
    assert len(page.content) < 100_000


def test_statuses_that_follow_from_the_clock(client_for, account):
    InstanceFactory.create(owner=account, starting=True, expired=True)
    InstanceFactory.create(owner=account, image_processing=True)
    InstanceFactory.create(owner=account, stopped=True, expired=True)

    page = client_for(account).get("/bj/")

    assert "Instances 3 Starting 1 Image being made 1 Expired 1" in text_of(page)
