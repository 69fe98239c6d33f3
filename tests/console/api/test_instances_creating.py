"""Creating instances through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from images.models import Instance

from ...factories import (
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .instance_calls import NOT_AVAILABLE, order
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db


def test_an_instance_is_created_by_spec(program, image):
    result = done(program("POST", "/v2/instanceBySpec", order(image)))

    instance = Instance.objects.get()
    assert result == {"instanceIds": [instance.instance_id], "warningList": [], "orderId": ""}
    assert (instance.name, instance.spec, instance.cpu_count) == ("web", "bcc.g5.c2m8", 2)
    assert (instance.memory_gb, instance.system_disk_gb, instance.zone_name) == (8, 40, "cn-bj-a")
    assert instance.expires_at is None


@pytest.mark.parametrize("path", ["/v1/instance", "/v2/instance"])
def test_an_instance_is_created_by_size(program, image, path):
    body = {"imageId": image.image_id, "cpuCount": 4, "memoryCapacityInGB": 16}

    done(program("POST", path, body))

    assert Instance.objects.get().spec == "bcc.g5.c4m16"


def test_disk_size_and_zone_can_be_set(program, image):
    done(program("POST", "/v2/instance", order(image, rootDiskSizeInGb=100, zoneName="cn-bj-c")))

    instance = Instance.objects.get()
    assert (instance.system_disk_gb, instance.zone_name) == (100, "cn-bj-c")


@pytest.mark.parametrize(
    ("extra", "names"),
    [
        ({}, ["web"]),
        ({"purchaseCount": 1, "autoSeqSuffix": True}, ["web"]),
        ({"purchaseCount": 3, "autoSeqSuffix": True}, ["web-1", "web-2", "web-3"]),
        ({"purchaseCount": 3}, ["web", "web", "web"]),
        ({"purchaseCount": 20}, ["web"] * 20),
    ],
)
def test_several_instances_are_created_together(program, image, extra, names):
    result = done(program("POST", "/v2/instanceBySpec", order(image, **extra)))

    assert sorted(Instance.objects.values_list("name", flat=True)) == names
    assert len(set(result["instanceIds"])) == len(names)


@pytest.mark.parametrize("extra", [{"name": ""}, {"name": None}])
def test_an_instance_without_a_name_gets_one(program, image, extra):
    done(program("POST", "/v2/instanceBySpec", order(image, **extra)))

    assert Instance.objects.get().name.startswith("instance-")


def test_an_instance_is_postpaid_or_prepaid(program, account, time_machine):
    time_machine.move_to("2026-11-23T12:00:00Z", tick=False)
    image = ImageFactory.create(owner=account)
    month = {"reservationLength": 1, "reservationTimeUnit": "Month"}
    year = {"reservationLength": 1, "reservationTimeUnit": "year"}
    for name, timing, reservation in (
        ("use", "Postpaid", month),
        ("month", "Prepaid", month),
        ("year", "Prepaid", year),
        ("nothing", "Prepaid", None),
    ):
        billing = {"paymentTiming": timing, "reservation": reservation}
        done(program("POST", "/v2/instanceBySpec", order(image, name=name, billing=billing)))

    expiries = dict(Instance.objects.values_list("name", "expires_at"))
    assert expiries == {
        "use": None,
        "month": datetime(2026, 12, 23, 12, tzinfo=UTC),
        "nothing": datetime(2026, 12, 23, 12, tzinfo=UTC),
        "year": datetime(2027, 11, 18, 12, tzinfo=UTC),
    }


@pytest.mark.parametrize("kind", ["received", "public"])
def test_received_and_public_images_can_be_used(program, account, kind):
    if kind == "public":
        image = PublicImageFactory.create()
    else:
        image = ShareGrantFactory.create(recipient=account).image

    done(program("POST", "/v2/instanceBySpec", order(image)))

    instance = done(program("GET", "/v2/instance"))["instances"][0]
    assert instance["imageId"] == image.image_id
    assert instance["imageType"] == ("System" if kind == "public" else "Sharing")


def test_an_image_that_is_not_visible_in_the_region_is_not_found(program, account):
    for image in (
        ImageFactory.create(),
        ImageFactory.build(),
        ImageFactory.create(owner=account, region__code="gz"),
    ):
        assert refusal(program("POST", "/v2/instanceBySpec", order(image))) == NO_SUCH_OBJECT
        body = order(image) | {"spec": "nothing", "adminPass": "x"}
        assert refusal(program("POST", "/v2/instanceBySpec", body))[0] in {400, 404}
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "traits", [{"creating": True}, {"copying": True}, {"settled_status": "Error"}]
)
def test_an_unavailable_image_is_refused(program, account, traits):
    image = ImageFactory.create(owner=account, **traits)

    assert refusal(program("POST", "/v2/instanceBySpec", order(image))) == NOT_AVAILABLE


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"spec": "huge"}, "Instance type not found. Use a name such as bcc.g5.c2m8."),
        ({"purchaseCount": 0}, "Create 1 to 20 instances at a time."),
        ({"purchaseCount": 21}, "Create 1 to 20 instances at a time."),
        ({"purchaseCount": 1_000_000}, "Create 1 to 20 instances at a time."),
        ({"rootDiskSizeInGb": 39}, "This image needs a system disk of 40 to 2048 GB."),
        ({"rootDiskSizeInGb": 2049}, "This image needs a system disk of 40 to 2048 GB."),
        ({"zoneName": "cn-gz-a"}, "Zone not found. Use one of cn-bj-a, cn-bj-b, cn-bj-c."),
        ({"keypairId": "k-1"}, "keypairId: key pairs are not supported"),
        (
            {"adminPass": "Abcd1234!", "keepImageLogin": True},
            "adminPass: use only one of adminPass, keypairId and keepImageLogin",
        ),
    ],
)
def test_an_invalid_value_is_refused_with_the_reason(program, image, extra, message):
    response = refusal(program("POST", "/v2/instanceBySpec", order(image, **extra)))

    assert response == (400, "InappropriateJSON", message)
    assert not Instance.objects.exists()


def test_an_invalid_name_is_refused(program, image):
    response = refusal(program("POST", "/v2/instanceBySpec", order(image, name="1")))

    assert response[:2] == (400, "InappropriateJSON")


def test_a_refused_creation_is_in_the_audit_trail(program, image):
    response = program("POST", "/v2/instanceBySpec", order(image, purchaseCount=21))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason) == (
        "instance.created",
        "refused",
        "batch-refused",
    )
    assert event.request_id == response["x-bce-request-id"]


def test_creating_an_instance_ignores_other_fields(program, account, image, settings):
    settings.INSTANCE_START_SECONDS = 60
    other = AccountFactory.create()
    forged = {
        "id": "i-forged00",
        "instanceId": "i-forged00",
        "owner": other.pk,
        "ownerId": other.account_id,
        "status": "Stopped",
        "settledStatus": "Stopped",
        "createTime": "2000-01-01T00:00:00Z",
        "expireTime": "2999-01-01T00:00:00Z",
        "expiresAt": "2999-01-01T00:00:00Z",
        "internalIp": "192.0.2.1",
        "region": "gz",
        "desc": "forged",
        "imageName": "forged",
        "imageType": "System",
    }

    done(program("POST", "/v2/instanceBySpec", forged | order(image)))

    instance = Instance.objects.get()
    assert instance.instance_id != "i-forged00"
    assert (instance.owner, instance.status, instance.region_id) == (account, "Starting", "bj")
    assert (instance.desc, instance.image_name, instance.image_type) == ("", image.name, "Custom")
    assert instance.expires_at is None
    assert timezone.now() - instance.created_at < timedelta(minutes=1)
