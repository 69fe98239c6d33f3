"""The number of queries of a call, with its authentication, for any number of rows."""

from __future__ import annotations

import pytest

from images.models import Instance

from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .programs import done

pytestmark = pytest.mark.django_db


@pytest.fixture
def expect_queries(program, django_assert_num_queries):
    """Check the number of queries of a call. A test's first call also writes the key's last use."""

    def expect_queries(number, *call, **query):
        with django_assert_num_queries(number):
            return done(program(*call, **query))

    return expect_queries


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("image_type", ["All", "Custom", "Sharing", "System"])
def test_listing_images(expect_queries, account, image_type, rows):
    ImageFactory.create_batch(rows, owner=account)
    ShareGrantFactory.create_batch(rows, recipient=account)
    PublicImageFactory.create_batch(rows)

    result = expect_queries(4, "GET", "/v2/image", imageType=image_type)

    assert len(result["images"]) == (3 * rows if image_type == "All" else rows)


def test_a_recently_used_key_is_not_written_again(expect_queries):
    expect_queries(4, "GET", "/v2/image")
    expect_queries(3, "GET", "/v2/image")


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_showing_an_image(expect_queries, account, rows):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(rows, image=image)

    expect_queries(5, "GET", f"/v2/image/{image.image_id}")


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_listing_recipients(expect_queries, account, rows):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(rows, image=image)

    result = expect_queries(5, "GET", f"/v2/image/{image.image_id}/sharedUsers")

    assert len(result["users"]) == rows


@pytest.mark.parametrize("others", [0, 3, 40])
@pytest.mark.parametrize("names", [1, 3])
def test_sharing(expect_queries, account, others, names):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(others, image=image)
    accounts = AccountFactory.create_batch(3)
    ShareGrantFactory.create_batch(5, recipient=accounts[0])
    body = {
        "account": accounts[0].name,
        "accountId": accounts[1].account_id,
        "ucAccount": accounts[2].uc_account,
    }

    expect_queries(
        9,
        "POST",
        f"/v2/image/{image.image_id}",
        dict(list(body.items())[:names]),
        share="",
    )

    assert image.grants.count() == others + names


@pytest.mark.parametrize("others", [0, 3, 40])
def test_unsharing(expect_queries, account, others):
    grant = ShareGrantFactory.create(image__owner=account)
    ShareGrantFactory.create_batch(others, image=grant.image)

    expect_queries(
        9,
        "POST",
        f"/v2/image/{grant.image.image_id}",
        {"account": grant.recipient.name},
        unshare="",
    )


@pytest.mark.parametrize("rows", [1, 19])
def test_creating_an_image(expect_queries, account, rows):
    instance = InstanceFactory.create(owner=account)
    ImageFactory.create_batch(rows, owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id}

    expect_queries(12, "POST", "/v2/image", body)


def test_renaming_an_image(expect_queries, account):
    image = ImageFactory.create(owner=account)

    expect_queries(11, "PUT", "/v2/image/rename", {"imageId": image.image_id, "name": "newer"})


def test_deleting_an_image(expect_queries, account):
    image = ImageFactory.create(owner=account)

    expect_queries(11, "DELETE", f"/v2/image/{image.image_id}")


@pytest.mark.parametrize("codes", [["gz"], ["gz", "su", "hkg"]])
def test_copying_an_image(expect_queries, account, codes):
    for code in codes:
        RegionFactory.create(code=code)
    image = ImageFactory.create(owner=account)

    expect_queries(13, "POST", f"/v2/image/{image.image_id}", {"destRegion": codes}, remoteCopy="")


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("token", [{}, {"clientToken": "x"}])
def test_creating_instances(expect_queries, account, count, token):
    image = ImageFactory.create(owner=account)
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "purchaseCount": count}

    expect_queries(17 if token else 11, "POST", "/v2/instanceBySpec", body, **token)

    assert Instance.objects.count() == count


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_listing_instances(expect_queries, account, rows):
    instances = InstanceFactory.create_batch(rows, owner=account)
    body = {"instanceIds": [each.instance_id for each in instances]}

    expect_queries(4, "GET", "/v2/instance")
    expect_queries(3, "GET", "/v2/instance", status="Running,Stopped", zoneName="cn-bj-a")
    expect_queries(3, "POST", "/v2/instance/listByInstanceId", body)
    expect_queries(3, "POST", "/v2/image/os", body)


@pytest.mark.parametrize("action", ["start", "stop", "reboot"])
def test_changing_an_instance(expect_queries, account, action):
    instance = InstanceFactory.create(owner=account, stopped=action == "start")

    expect_queries(9, "PUT", f"/v2/instance/{instance.instance_id}", **{action: ""})


def test_releasing_an_instance(expect_queries, account):
    instance = InstanceFactory.create(owner=account)

    expect_queries(9, "DELETE", f"/v2/instance/{instance.instance_id}")


def test_rebuilding_an_instance(expect_queries, account):
    instance = InstanceFactory.create(owner=account)
    image = ImageFactory.create(owner=account)
    body = {"imageId": image.image_id, "keepImageLogin": True}

    expect_queries(11, "PUT", f"/v2/instance/{instance.instance_id}", body, rebuild="")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_takes_five_queries_for_each_instance(expect_queries, account, rows):
    instances = InstanceFactory.create_batch(rows, owner=account)
    body = {"instanceIds": [each.instance_id for each in instances]}

    expect_queries(6 + 5 * rows, "PUT", "/v2/instance/batchAction", body, stop="")


def test_listing_regions_and_zones(expect_queries):
    expect_queries(4, "POST", "/v2/region/describeRegions", {})
    expect_queries(2, "GET", "/v2/zone")
