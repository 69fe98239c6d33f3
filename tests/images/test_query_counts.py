"""The number of statements of each page, which does not depend on the number of rows."""

from __future__ import annotations

import pytest

from accounts import audit
from images import sharing
from images.models import Image, Instance

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import page_of, share

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("tab", ["custom", "shared", "public"])
def test_the_image_list_takes_five_queries(
    client_for, account, django_assert_num_queries, tab, rows
):
    if tab == "custom":
        for image in ImageFactory.create_batch(rows, owner=account):
            ShareGrantFactory.create(image=image)
    elif tab == "shared":
        ShareGrantFactory.create_batch(rows, recipient=account)
    else:
        PublicImageFactory.create_batch(rows)
    browser = client_for(account)

    for sort in ("", "name", "-status", "recipients", "owner"):
        with django_assert_num_queries(5):
            page = browser.get(f"/bj/images/?type={tab}&sort={sort}")

        assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_detail_page_takes_twelve_queries(
    client_for, actor_for, django_assert_num_queries, rows
):
    # One each for three sources: an image of another region, its instance, and the public image
    image = ImageFactory.create()
    base = PublicImageFactory.create()
    instance = InstanceFactory.create(owner=image.owner, image=base)
    image.source = ImageFactory.create(owner=image.owner, source=instance.instance_id).image_id
    image.save()
    ShareGrantFactory.create_batch(rows, image=image)
    InstanceFactory.create_batch(rows, owner=image.owner, image=image, starting=True)
    for _ in range(rows):
        audit.record(actor_for(image.owner), audit.Verb.EDIT_IMAGE, target=image.audit_target)
    browser = client_for(image.owner)

    with django_assert_num_queries(12):
        page = browser.get(page_of(image))

    assert len(page.context["sources"]) == 3
    assert len(page.context["grants"]) == len(page.context["instances"]) == rows


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_activity_page_takes_six_queries_and_one_more_for_undo(
    client_for, account, actor_for, django_assert_num_queries, rows
):
    by = actor_for(account)
    for image in ImageFactory.create_batch(rows, owner=account):
        audit.record(by, audit.Verb.EDIT_IMAGE, target=image.audit_target)
    browser = client_for(account)

    with django_assert_num_queries(6):
        page = browser.get("/bj/activity/")

    assert len(page.context["activities"]) == rows

    for _ in range(rows):
        grant = ShareGrantFactory.create(image__owner=account)
        entries = [sharing.Entry(grant.recipient.name, [grant.recipient])]
        sharing.unshare(image=grant.image, entries=entries, by=by)
    with django_assert_num_queries(7):
        browser.get("/bj/activity/")


@pytest.mark.parametrize("recipients", [1, 3, 20])
def test_the_share_dialog_takes_five_queries(
    client_for, htmx, django_assert_num_queries, recipients
):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)

    with django_assert_num_queries(5):
        browser.get(page_of(image, "share/"), headers=htmx)


@pytest.mark.parametrize("entries", [1, 50])
def test_checking_takes_five_queries(client_for, htmx, django_assert_num_queries, entries):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(entries))
    browser = client_for(image.owner)

    with django_assert_num_queries(5):
        browser.post(page_of(image, "share/check/"), {"accounts": typed}, headers=htmx)


@pytest.mark.parametrize("entries", [1, 50])
def test_checking_unknown_entries_takes_nine_queries(
    client_for, htmx, django_assert_num_queries, entries
):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(entries, image__owner=image.owner)
    typed = "\n".join(f"nobody-{number}" for number in range(entries))
    browser = client_for(image.owner)

    # Four to charge them and to find similar accounts, and none for what accounts received
    with django_assert_num_queries(9):
        browser.post(page_of(image, "share/check/"), {"accounts": typed}, headers=htmx)


def test_a_form_with_an_id_takes_six_more_and_its_repetition_seven_in_all(
    client_for, htmx, django_assert_num_queries
):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    # For the ID: a savepoint, delete old ones, insert, lock, store what was done, release
    with django_assert_num_queries(14):
        share(browser, image, recipient.name, htmx, form_id="a")
    with django_assert_num_queries(7):
        assert share(browser, image, recipient.name, htmx, form_id="a").status_code == 204


@pytest.mark.parametrize("recipients", [1, 50])
def test_sharing_takes_eight_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(recipients))
    browser = client_for(image.owner)

    with django_assert_num_queries(8):
        answer = share(browser, image, typed, htmx)

    assert answer.status_code == 204
    assert image.grants.count() == recipients


@pytest.mark.parametrize("recipients", [1, 50])
def test_unsharing_takes_eight_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)
    chosen = [grant.recipient.account_id for grant in grants]

    with django_assert_num_queries(8):
        browser.post(page_of(image, "unshare/"), {"recipients": chosen}, headers=htmx)

    assert not image.grants.exists()


@pytest.mark.parametrize("recipients", [1, 20, 50])
def test_the_unshare_dialog_takes_five_queries_with_a_pasted_list_too(
    client_for, htmx, django_assert_num_queries, recipients
):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)
    pasted = "\n".join(grant.recipient.name for grant in grants)

    with django_assert_num_queries(5):
        browser.get(page_of(image, "unshare/"), headers=htmx)
    with django_assert_num_queries(5):
        browser.post(
            page_of(image, "unshare/choose/"), {"choose": "listed", "list": pasted}, headers=htmx
        )


@pytest.mark.parametrize("shares", [1, 20, 50])
def test_the_undo_dialog_takes_eight_queries(
    client_for, actor_for, htmx, django_assert_num_queries, shares
):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(shares, image=image)
    entries = [sharing.Entry(grant.recipient.name, [grant.recipient]) for grant in grants]
    unshared = sharing.unshare(image=image, entries=entries, by=actor_for(image.owner))
    browser = client_for(image.owner)

    with django_assert_num_queries(8):
        page = browser.get(page_of(image, f"restore/{unshared.pk}/"), headers=htmx)

    assert len(page.context["restoration"].shares) == shares


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_instance_list_takes_six_queries(client_for, account, django_assert_num_queries, rows):
    for image in ImageFactory.create_batch(rows, owner=account):
        InstanceFactory.create(owner=account, image=image, starting=True)
    browser = client_for(account)

    with django_assert_num_queries(6):
        page = browser.get("/bj/instances/")

    assert len(page.context["rows"]) == rows


def test_the_page_of_an_instance_takes_six_queries(client_for, account, django_assert_num_queries):
    instance = InstanceFactory.create(owner=account, image=ImageFactory.create(owner=account))
    browser = client_for(account)

    with django_assert_num_queries(6):
        browser.get(instance.get_absolute_url())


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_progress_takes_three_queries(client_for, account, django_assert_num_queries, rows):
    instances = InstanceFactory.create_batch(rows, owner=account, starting=True)
    images = ImageFactory.create_batch(rows, owner=account, creating=True)
    browser = client_for(account)

    with django_assert_num_queries(3):
        browser.get("/bj/instances/progress/", {"id": [each.instance_id for each in instances]})
    with django_assert_num_queries(3):
        browser.get("/bj/images/progress/", {"id": [each.image_id for each in images]})


def images_of_every_kind(account, rows):
    ImageFactory.create_batch(rows, owner=account)
    ShareGrantFactory.create_batch(rows, recipient=account)
    PublicImageFactory.create_batch(rows)


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_page_to_create_instances_takes_five_queries(
    client_for, account, django_assert_num_queries, rows
):
    images_of_every_kind(account, rows)
    browser = client_for(account)

    with django_assert_num_queries(5):
        page = browser.get("/bj/instances/create/")

    assert len(page.context["choices"]) == 3 * rows


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_reinstall_dialog_takes_four_queries(
    client_for, account, htmx, django_assert_num_queries, rows
):
    images_of_every_kind(account, rows)
    instance = InstanceFactory.create(owner=account)
    browser = client_for(account)

    with django_assert_num_queries(4):
        dialog = browser.get(instance.get_absolute_url() + "reinstall/", headers=htmx)

    assert len(dialog.context["choices"]) == 3 * rows


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_the_dialogs_to_create_and_copy_an_image_take_four_queries(
    client_for, account, htmx, django_assert_num_queries, rows
):
    InstanceFactory.create_batch(rows, owner=account)
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    with django_assert_num_queries(4):
        dialog = browser.get("/bj/images/create/", headers=htmx)
    with django_assert_num_queries(4):
        browser.get(page_of(image, "copy/"), headers=htmx)

    assert len(dialog.context["choices"]) == rows


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("kind", ["own", "received"])
def test_creating_instances_takes_as_many_statements_for_one_as_for_twenty(
    client_for, htmx, django_assert_num_queries, kind, count
):
    grant = ShareGrantFactory.create()
    account = grant.owner if kind == "own" else grant.recipient
    browser = client_for(account)
    typed = {
        "image": grant.image.image_id,
        "spec": "bcc.g5.c2m8",
        "name": "web",
        "count": count,
        "login": "image",
    }

    # A received image is locked together with its grant.
    with django_assert_num_queries(11 if kind == "own" else 12):
        browser.post("/bj/instances/create/", typed, headers=htmx)

    assert Instance.objects.owned_by(account).count() == count


@pytest.mark.parametrize("action", ["start", "stop", "reboot", "release"])
def test_a_change_of_an_instance_takes_eight_statements(
    client_for, account, htmx, django_assert_num_queries, action
):
    instance = InstanceFactory.create(owner=account, stopped=action == "start")
    browser = client_for(account)

    with django_assert_num_queries(8):
        answer = browser.post(instance.get_absolute_url() + f"{action}/", headers=htmx)

    assert answer.status_code == 204


def test_a_reinstall_takes_ten_statements(client_for, account, htmx, django_assert_num_queries):
    instance = InstanceFactory.create(owner=account)
    image = ImageFactory.create(owner=account)
    browser = client_for(account)
    typed = {"image": image.image_id, "login": "image"}

    with django_assert_num_queries(10):
        browser.post(instance.get_absolute_url() + "reinstall/", typed, headers=htmx)

    assert Instance.objects.get().image_id == image.image_id


def test_creating_an_image_takes_twelve_statements(
    client_for, account, htmx, django_assert_num_queries
):
    instance = InstanceFactory.create(owner=account)
    browser = client_for(account)
    typed = {"instance": instance.instance_id, "name": "golden"}

    with django_assert_num_queries(12):
        browser.post("/bj/images/create/", typed, headers=htmx)

    assert Image.objects.get().source == instance.instance_id


@pytest.mark.parametrize("regions", [["gz"], ["gz", "su", "bd"]])
def test_copying_takes_thirteen_statements(
    client_for, account, htmx, django_assert_num_queries, regions
):
    image = ImageFactory.create(owner=account)
    for code in regions:
        RegionFactory.create(code=code)
    browser = client_for(account)
    typed = {"regions": regions, "name": "golden"}

    with django_assert_num_queries(13):
        browser.post(page_of(image, "copy/"), typed, headers=htmx)

    assert Image.objects.count() == 1 + len(regions)
