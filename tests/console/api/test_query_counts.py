"""How many statements a call takes, its authentication included, whatever the number of rows."""

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
def taking(program, django_assert_num_queries):
    """Hold a call to its number; the first call of a test writes when the key was used, too."""

    def taking(number, *call, **query):
        with django_assert_num_queries(number):
            return done(program(*call, **query))

    return taking


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("image_type", ["All", "Custom", "Sharing", "System"])
def test_listing_images(taking, account, image_type, rows):
    ImageFactory.create_batch(rows, owner=account)
    ShareGrantFactory.create_batch(rows, recipient=account)
    PublicImageFactory.create_batch(rows)

    said = taking(3, "GET", "/v2/image", imageType=image_type)

    assert len(said["images"]) == (3 * rows if image_type == "All" else rows)


def test_a_key_that_was_used_a_moment_ago_is_not_written_again(taking):
    taking(3, "GET", "/v2/image")
    taking(2, "GET", "/v2/image")


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_an_image(taking, account, rows):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(rows, image=image)

    taking(4, "GET", f"/v2/image/{image.image_id}")


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_its_recipients(taking, account, rows):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(rows, image=image)

    said = taking(4, "GET", f"/v2/image/{image.image_id}/sharedUsers")

    assert len(said["users"]) == rows


@pytest.mark.parametrize("others", [0, 3, 40])
@pytest.mark.parametrize("names", [1, 3])
def test_sharing(taking, account, others, names):
    image = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(others, image=image)
    accounts = AccountFactory.create_batch(3)
    ShareGrantFactory.create_batch(5, recipient=accounts[0])
    body = {
        "account": accounts[0].name,
        "accountId": accounts[1].account_id,
        "ucAccount": accounts[2].uc_account,
    }

    taking(
        12,
        "POST",
        f"/v2/image/{image.image_id}",
        dict(list(body.items())[:names]),
        share="",
    )

    assert image.grants.count() == others + names


@pytest.mark.parametrize("others", [0, 3, 40])
def test_unsharing(taking, account, others):
    grant = ShareGrantFactory.create(image__owner=account)
    ShareGrantFactory.create_batch(others, image=grant.image)

    taking(
        10,
        "POST",
        f"/v2/image/{grant.image.image_id}",
        {"account": grant.recipient.name},
        unshare="",
    )


@pytest.mark.parametrize("rows", [1, 19])
def test_making_an_image(taking, account, rows):
    instance = InstanceFactory.create(owner=account)
    ImageFactory.create_batch(rows, owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id}

    taking(11, "POST", "/v2/image", body)


def test_renaming_an_image(taking, account):
    image = ImageFactory.create(owner=account)

    taking(10, "PUT", "/v2/image/rename", {"imageId": image.image_id, "name": "newer"})


def test_deleting_an_image(taking, account):
    image = ImageFactory.create(owner=account)

    taking(10, "DELETE", f"/v2/image/{image.image_id}")


@pytest.mark.parametrize("codes", [["gz"], ["gz", "su", "hkg"]])
def test_copying(taking, account, codes):
    for code in codes:
        RegionFactory.create(code=code)
    image = ImageFactory.create(owner=account)

    taking(12, "POST", f"/v2/image/{image.image_id}", {"destRegion": codes}, remoteCopy="")


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("token", [{}, {"clientToken": "x"}])
def test_creating_instances(taking, account, count, token):
    image = ImageFactory.create(owner=account)
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "purchaseCount": count}

    taking(14 if token else 8, "POST", "/v2/instanceBySpec", body, **token)

    assert Instance.objects.count() == count


@pytest.mark.parametrize("rows", [1, 3, 20])
def test_listing_instances(taking, account, rows):
    instances = InstanceFactory.create_batch(rows, owner=account)
    body = {"instanceIds": [each.instance_id for each in instances]}

    taking(3, "GET", "/v2/instance")
    taking(2, "GET", "/v2/instance", status="Running,Stopped", zoneName="cn-bj-a")
    taking(2, "POST", "/v2/instance/listByInstanceId", body)
    taking(2, "POST", "/v2/image/os", body)


@pytest.mark.parametrize("action", ["start", "stop", "reboot"])
def test_changing_an_instance(taking, account, action):
    instance = InstanceFactory.create(owner=account, stopped=action == "start")

    taking(8, "PUT", f"/v2/instance/{instance.instance_id}", **{action: ""})


def test_releasing_an_instance(taking, account):
    instance = InstanceFactory.create(owner=account)

    taking(8, "DELETE", f"/v2/instance/{instance.instance_id}")


def test_rebuilding_an_instance(taking, account):
    instance = InstanceFactory.create(owner=account)
    image = ImageFactory.create(owner=account)
    body = {"imageId": image.image_id, "keepImageLogin": True}

    taking(10, "PUT", f"/v2/instance/{instance.instance_id}", body, rebuild="")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_batch_takes_five_for_each(taking, account, rows):
    instances = InstanceFactory.create_batch(rows, owner=account)
    body = {"instanceIds": [each.instance_id for each in instances]}

    taking(5 + 5 * rows, "PUT", "/v2/instance/batchAction", body, stop="")


def test_regions_and_zones(taking):
    taking(3, "POST", "/v2/region/describeRegions", {})
    taking(1, "GET", "/v2/zone")
