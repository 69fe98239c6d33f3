"""Instances through the API: making them of images, filters, states, batches, passwords."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.utils import timezone

from accounts import keys
from accounts.models import AuditEvent
from images.models import Instance, Region

from ...factories import (
    FAR,
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .programs import NO_SUCH_OBJECT, Program, done, refusal

pytestmark = pytest.mark.django_db

NOT_AVAILABLE = (409, "Image.ImageStatusForbidden", "Image status is not Available.")
NOT_STOPPED = (
    409,
    "Instance.StartInstanceOperationForbidden",
    "Instance not stopped when starting.",
)
START_CREATING = (
    409,
    "Instance.StartInstanceWhenCreating",
    "Instance creating when starting.",
)
START_EXPIRED = (409, "Instance.StartExpiredInstance", "Instance expired when starting.")
NOT_RUNNING_TO_STOP = (
    409,
    "Instance.StopInstanceOperationForbidden",
    "Instance not running when stopping.",
)
NOT_RUNNING_TO_REBOOT = (
    409,
    "Instance.RebootInstanceOperationForbidden",
    "Instance not running when rebooting.",
)
NOT_SETTLED_TO_REBUILD = (
    409,
    "Instance.RebuildInstanceOperationForbidden",
    "Instance not running or stopped when rebuilding.",
)
RELEASE_CREATING = (
    409,
    "Instance.ReleaseWhileCreating",
    "Instance creating when releasing.",
)
PAID_FOR = (
    403,
    "OperationDenied",
    "This instance is paid for in advance. It can be released once it has expired.",
)
BEING_IMAGED = (
    409,
    "Instance.ReleaseInstanceOperationForbidden",
    "An image is being made of this instance. Wait until it is done.",
)
PASSWORD = "Abcd1234!"
# Under the secret of tests/factories.py
ENCRYPTED = "3ccefba41cc272edb031c0571e343fe9"


@pytest.fixture
def image(account):
    return ImageFactory.create(owner=account, min_disk_gb=40)


def order(image, **more):
    return {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web", **more}


def path_of(instance):
    return f"/v2/instance/{instance.instance_id}"


def creating(**how):
    """One that is not there yet: it has been starting since it was created."""
    now = timezone.now()
    how = {"created_at": now, "passing_since": now, **how}
    return InstanceFactory.create(passing_status="Starting", settles_at=FAR, **how)


# Making


def test_by_spec(program, image):
    said = done(program("POST", "/v2/instanceBySpec", order(image)))

    instance = Instance.objects.get()
    assert said == {"instanceIds": [instance.instance_id], "warningList": [], "orderId": ""}
    assert (instance.name, instance.spec, instance.cpu_count) == ("web", "bcc.g5.c2m8", 2)
    assert (instance.memory_gb, instance.system_disk_gb, instance.zone_name) == (8, 40, "cn-bj-a")
    assert instance.expires_at is None


@pytest.mark.parametrize("path", ["/v1/instance", "/v2/instance"])
def test_by_size(program, image, path):
    body = {"imageId": image.image_id, "cpuCount": 4, "memoryCapacityInGB": 16}

    done(program("POST", path, body))

    assert Instance.objects.get().spec == "bcc.g5.c4m16"


def test_a_disk_and_a_zone_that_are_asked_for(program, image):
    done(program("POST", "/v2/instance", order(image, rootDiskSizeInGb=100, zoneName="cn-bj-c")))

    instance = Instance.objects.get()
    assert (instance.system_disk_gb, instance.zone_name) == (100, "cn-bj-c")


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({}, ["web"]),
        ({"purchaseCount": 1, "autoSeqSuffix": True}, ["web"]),
        ({"purchaseCount": 3, "autoSeqSuffix": True}, ["web-1", "web-2", "web-3"]),
        ({"purchaseCount": 3}, ["web", "web", "web"]),
        ({"purchaseCount": 20}, ["web"] * 20),
    ],
)
def test_several_at_once(program, image, more, names):
    said = done(program("POST", "/v2/instanceBySpec", order(image, **more)))

    assert sorted(Instance.objects.values_list("name", flat=True)) == names
    assert len(set(said["instanceIds"])) == len(names)


@pytest.mark.parametrize("more", [{"name": ""}, {"name": None}])
def test_without_a_name_it_gets_one(program, image, more):
    done(program("POST", "/v2/instanceBySpec", order(image, **more)))

    assert Instance.objects.get().name.startswith("instance-")


def test_an_instance_is_paid_for_by_use_or_in_advance(program, account, time_machine):
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

    paid = dict(Instance.objects.values_list("name", "expires_at"))
    assert paid == {
        "use": None,
        "month": datetime(2026, 12, 23, 12, tzinfo=UTC),
        "nothing": datetime(2026, 12, 23, 12, tzinfo=UTC),
        "year": datetime(2027, 11, 18, 12, tzinfo=UTC),
    }


@pytest.mark.parametrize("kind", ["received", "public"])
def test_from_images_of_others(program, account, kind):
    if kind == "public":
        image = PublicImageFactory.create()
    else:
        image = ShareGrantFactory.create(recipient=account).image

    done(program("POST", "/v2/instanceBySpec", order(image)))

    instance = done(program("GET", "/v2/instance"))["instances"][0]
    assert instance["imageId"] == image.image_id
    assert instance["imageType"] == ("System" if kind == "public" else "Sharing")


def test_from_an_image_that_is_not_visible_or_in_another_region(program, account):
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
    "how", [{"creating": True}, {"copying": True}, {"settled_status": "Error"}]
)
def test_from_an_image_that_is_not_available(program, account, how):
    image = ImageFactory.create(owner=account, **how)

    assert refusal(program("POST", "/v2/instanceBySpec", order(image))) == NOT_AVAILABLE


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"spec": "huge"}, "There is no such spec. A spec is called as in bcc.g5.c2m8."),
        ({"purchaseCount": 0}, "Create 1 to 20 instances at once."),
        ({"purchaseCount": 21}, "Create 1 to 20 instances at once."),
        ({"purchaseCount": 1_000_000}, "Create 1 to 20 instances at once."),
        ({"rootDiskSizeInGb": 39}, "For this image the system disk has 40 to 2048 GB."),
        ({"rootDiskSizeInGb": 2049}, "For this image the system disk has 40 to 2048 GB."),
        ({"zoneName": "cn-gz-a"}, "This region has the zones cn-bj-a, cn-bj-b, cn-bj-c."),
        ({"keypairId": "k-1"}, "keypairId: there are no key pairs here"),
        (
            {"adminPass": "Abcd1234!", "keepImageLogin": True},
            "adminPass: name one way to sign in",
        ),
    ],
)
def test_what_cannot_be_had(program, image, more, message):
    answer = refusal(program("POST", "/v2/instanceBySpec", order(image, **more)))

    assert answer == (400, "InappropriateJSON", message)
    assert not Instance.objects.exists()


def test_a_name_that_breaks_the_rule(program, image):
    answer = refusal(program("POST", "/v2/instanceBySpec", order(image, name="1")))

    assert answer[:2] == (400, "InappropriateJSON")


def test_a_refused_creation_is_in_the_audit_trail(program, image):
    answer = program("POST", "/v2/instanceBySpec", order(image, purchaseCount=21))

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason) == (
        "instance.created",
        "refused",
        "batch-refused",
    )
    assert event.request_id == answer["x-bce-request-id"]


# Passwords


BAD_PASSWORDS = [
    "Abcd123!"[:7],
    "Abcd1234!" * 2,
    "abcdefgh!",
    "12345678!",
    "Abcd12345",
    "Abcd1234~",
]


@pytest.mark.parametrize("password", [PASSWORD, ENCRYPTED, ENCRYPTED.upper()])
def test_a_password_in_clear_or_encrypted(program, image, password):
    done(program("POST", "/v2/instanceBySpec", order(image, adminPass=password)))
    instance = Instance.objects.get()
    body = {"imageId": image.image_id, "adminPass": password}
    done(program("PUT", path_of(instance), body, rebuild=""))


@pytest.mark.parametrize(
    "password",
    [
        *BAD_PASSWORDS,
        "0" * 32,
        ENCRYPTED[:-1],
        "3ccefba41cc272edb031c0571e343fe8",
        ENCRYPTED * 40,
        "密码Abcd1234!",
    ],
)
def test_a_password_that_breaks_the_rule(program, account, image, password):
    rule = (
        "8 to 16 characters, among them a letter, a digit and one of ! @ # $ % ^ * ( ), "
        "and nothing else."
    )
    answer = program("POST", "/v2/instanceBySpec", order(image, adminPass=password))
    assert refusal(answer) == (400, "InappropriateJSON", rule)

    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, "adminPass": password}
    answer = program("PUT", path_of(instance), body, rebuild="")
    assert refusal(answer) == (400, "InappropriateJSON", rule)


def encrypted(password, secret):
    cipher = Cipher(algorithms.AES128(secret[:16].encode()), modes.ECB())  # noqa: S305
    encryptor = cipher.encryptor()
    missing = 16 - len(password) % 16
    padded = password.encode() + bytes([missing]) * missing
    return (encryptor.update(padded) + encryptor.finalize()).hex()


def test_the_key_is_the_first_half_of_the_secret_that_signed(account, image):
    """The secret of the other tests has two halves alike."""
    secret = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
    key_id = "0" * 31 + "f"
    opens = keys.encrypt(secret, key_id=key_id)
    key = AccessKeyFactory.create(key_id=key_id, user__account=account, encrypted_secret=opens)
    program = Program(key, secret=secret)

    good = order(image, adminPass=encrypted(PASSWORD, secret))
    done(program("POST", "/v2/instanceBySpec", good))
    bad = order(image, adminPass=encrypted(PASSWORD, SECRET))
    assert refusal(program("POST", "/v2/instanceBySpec", bad))[:2] == (400, "InappropriateJSON")


def test_a_bad_password_that_was_encrypted(program, image):
    body = order(image, adminPass=encrypted("short", SECRET))

    answer = program("POST", "/v2/instanceBySpec", body)

    assert refusal(answer)[:2] == (400, "InappropriateJSON")


@pytest.mark.parametrize("more", [{}, {"adminPass": ""}, {"adminPass": None}])
def test_a_creation_without_a_password_gets_one(program, image, more):
    done(program("POST", "/v2/instanceBySpec", order(image, **more)))

    assert not Instance.objects.get().keeps_image_login


def test_a_public_image_has_no_login_to_keep(program, image):
    public = PublicImageFactory.create()
    message = "A public image has no login to keep: only custom and shared images have."

    answer = program("POST", "/v2/instanceBySpec", order(public, keepImageLogin=True))
    assert refusal(answer) == (400, "InappropriateJSON", message)

    done(program("POST", "/v2/instanceBySpec", order(image, keepImageLogin=True)))
    assert Instance.objects.get().keeps_image_login


# The list


def ids(answer):
    return sorted(row["id"] for row in done(answer)["instances"])


def test_the_shape_of_an_instance(program, account):
    image = ImageFactory.create(owner=account, name="golden")
    instance = InstanceFactory.create(
        owner=account,
        image=image,
        name="web",
        created_at="2026-11-23T12:58:50.123456Z",
        expires_at="2027-11-23T12:58:50Z",
    )

    shown = done(program("GET", path_of(instance)))

    assert shown == {
        "instance": {
            "id": instance.instance_id,
            "name": "web",
            "hostname": "web",
            "instanceType": "N5",
            "spec": "bcc.g5.c2m8",
            "desc": "",
            "status": "Running",
            "paymentTiming": "Prepaid",
            "createTime": "2026-11-23T12:58:50Z",
            "expireTime": "2027-11-23T12:58:50Z",
            "publicIp": "",
            "internalIp": instance.internal_ip,
            "cpuCount": 2,
            "gpuCard": "",
            "fpgaCard": "",
            "cardCount": "0",
            "memoryCapacityInGB": 8,
            "localDiskSizeInGB": 0,
            "rootDiskSizeInGb": 40,
            "imageId": image.image_id,
            "imageName": "golden",
            "imageType": "Custom",
            "osName": "Ubuntu",
            "osVersion": "22.04 LTS",
            "osArch": "x86_64 (64bit)",
            "networkCapacityInMbps": 0,
            "zoneName": "cn-bj-a",
            "subnetId": "",
            "vpcId": "",
            "autoRenew": False,
            "keypairId": "",
            "eniNum": "0",
            "eniQuota": 0,
            "deletionProtection": 0,
            "tags": [],
            "volumes": [],
        }
    }
    assert done(program("GET", "/v2/instance"))["instances"] == [shown["instance"]]


@pytest.fixture
def three(account):
    return [
        InstanceFactory.create(owner=account, name="web-1", zone_name="cn-bj-a"),
        InstanceFactory.create(owner=account, name="web-2", zone_name="cn-bj-b", stopped=True),
        InstanceFactory.create(owner=account, name="db", zone_name="cn-bj-c", expires_at=FAR),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"instanceNames": "web-1"}, [0]),
        ({"instanceNames": "web-1,db"}, [0, 2]),
        ({"instanceNames": "web"}, []),
        ({"fuzzyInstanceName": "web"}, [0, 1]),
        ({"fuzzyInstanceName": "%"}, []),
        ({"zoneName": "cn-bj-a"}, [0]),
        ({"zoneName": "cn-bj-a,cn-bj-c"}, [0, 2]),
        ({"status": "Running"}, [0, 2]),
        ({"status": "Running,Stopped"}, [0, 1, 2]),
        ({"status": "Recycled"}, []),
        ({"paymentTiming": "Postpaid"}, [0, 1]),
        ({"paymentTiming": "Prepaid"}, [2]),
        ({"paymentTiming": "Prepaid,Postpaid"}, [0, 1, 2]),
        ({"paymentTiming": "bidding"}, []),
        ({"status": "Running", "paymentTiming": "Prepaid"}, [2]),
        ({"showRdmaTopo": "true"}, [0, 1, 2]),
        ({"autoRenew": "false"}, [0, 1, 2]),
        ({"autoRenew": "true"}, []),
        ({"dedicatedHostId": "d-1"}, []),
        ({"deploySetIds": "dset-1"}, []),
        ({"securityGroupIds": "g-1"}, []),
        ({"cdsIds": "v-1"}, []),
        ({"ehcClusterId": "ehc-1"}, []),
        ({"vpcId": "vpc-1"}, []),
        ({"tags": "k:v"}, []),
        ({"privateIps": "192.0.2.1"}, []),
        ({"ipv6Addresses": "::1"}, []),
        ({"internalIp": "192.0.2.1"}, []),
        ({"internalIp": "x"}, []),
        ({"unheardOf": "x"}, [0, 1, 2]),
        ({"vpcId": "", "tags": ""}, [0, 1, 2]),
    ],
    ids=lambda value: (
        ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_filters(program, three, query, found):
    wanted = sorted(three[number].instance_id for number in found)

    assert ids(program("GET", "/v2/instance", **query)) == wanted


def test_filters_by_id_and_address(program, three):
    first, second, _ = three
    both = sorted([first.instance_id, second.instance_id])

    assert ids(program("GET", "/v2/instance", instanceIds=",".join(both))) == both
    assert ids(program("GET", "/v2/instance", internalIp=first.internal_ip)) == [first.instance_id]


def test_an_address_is_told_and_found_the_same(program, account):
    (row,) = [InstanceFactory.create(owner=account, pk=2**24 + 7)]

    shown = done(program("GET", path_of(row)))["instance"]["internalIp"]

    assert shown == "10.0.0.7"
    assert ids(program("GET", "/v2/instance", internalIp="10.0.0.7")) == [row.instance_id]


def test_only_ones_own_and_live_instances_are_listed(program, account):
    own = InstanceFactory.create(owner=account)
    InstanceFactory.create()
    InstanceFactory.create(owner=account, released_at=timezone.now())
    InstanceFactory.create(owner=account, region__code="gz")
    everything = ",".join(Instance.objects.values_list("instance_id", flat=True))

    assert ids(program("GET", "/v2/instance")) == [own.instance_id]
    assert ids(program("GET", "/v2/instance", instanceIds=everything)) == [own.instance_id]
    body = {"instanceIds": everything.split(",")}
    assert ids(program("POST", "/v2/instance/listByInstanceId", body)) == [own.instance_id]


def test_pages(program, account):
    instances = InstanceFactory.create_batch(25, owner=account)
    wanted = sorted(each.instance_id for each in instances)
    body = {"instanceIds": wanted}

    for method, path, content in (
        ("GET", "/v2/instance", None),
        ("POST", "/v2/instance/listByInstanceId", body),
    ):
        seen, marker, sizes = [], "", []
        while marker is not None:
            at = {"marker": marker} if marker else {}
            page = done(program(method, path, content, maxKeys="10", **at))
            sizes.append(len(page["instances"]))
            seen += [row["id"] for row in page["instances"]]
            assert page["isTruncated"] == ("nextMarker" in page)
            marker = page.get("nextMarker")
        assert sizes == [10, 10, 5]
        assert sorted(seen) == wanted


def test_a_marker_that_is_empty_is_no_verb(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"instanceIds": [instance.instance_id]}

    answer = program("POST", "/v2/instance/listByInstanceId", body, marker="")

    assert ids(answer) == [instance.instance_id]


@pytest.mark.parametrize("body", [None, {}, {"instanceIds": []}, {"instanceIds": ["i-nothing0"]}])
def test_a_list_of_no_ids(program, account, body):
    InstanceFactory.create(owner=account)

    assert ids(program("POST", "/v2/instance/listByInstanceId", body)) == []


# Starting, stopping, rebooting, releasing

STATES: dict[str, dict[str, Any]] = {
    "running": {},
    "stopped": {"stopped": True},
    "starting": {"starting": True},
    "stopping": {"stopping": True},
    "processing": {"image_processing": True},
    "expired": {"expired": True},
    "expired-stopped": {"expired": True, "stopped": True},
    "prepaid": {"expires_at": FAR},
}
ALLOWED = {
    "start": {"stopped"},
    "stop": {"running", "prepaid"},
    "reboot": {"running", "prepaid"},
    "release": {"running", "stopped", "starting", "stopping", "expired", "expired-stopped"},
    "release-by-post": {"running", "stopped", "starting", "stopping", "expired", "expired-stopped"},
    "rebuild": {"running", "stopped", "prepaid"},
}
REFUSED = {
    "start": NOT_STOPPED,
    "stop": NOT_RUNNING_TO_STOP,
    "reboot": NOT_RUNNING_TO_REBOOT,
    "rebuild": NOT_SETTLED_TO_REBUILD,
}
OTHERWISE = {
    ("start", "creating"): START_CREATING,
    ("start", "expired"): START_EXPIRED,
    ("start", "expired-stopped"): START_EXPIRED,
    ("release", "creating"): RELEASE_CREATING,
    ("release", "processing"): BEING_IMAGED,
    ("release", "prepaid"): PAID_FOR,
}
AFTER = {"start": "Starting", "stop": "Stopping", "reboot": "Starting", "rebuild": "Starting"}


def act(program, action, instance, image):
    if action == "release":
        return program("DELETE", path_of(instance))
    if action == "release-by-post":
        body = {"relatedReleaseFlag": True, "deleteCdsSnapshotFlag": False}
        return program("POST", path_of(instance), body)
    body = {"imageId": image.image_id, "keepImageLogin": True} if action == "rebuild" else None
    return program("PUT", path_of(instance), body, **{action: ""})


@pytest.mark.parametrize("state", [*STATES, "creating"])
@pytest.mark.parametrize("action", ALLOWED)
def test_states(program, account, settings, action, state):
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    image = ImageFactory.create(owner=account)
    if state == "creating":
        instance = creating(owner=account)
    else:
        instance = InstanceFactory.create(owner=account, **STATES[state])
    before = Instance.objects.values().get()

    answer = act(program, action, instance, image)

    kind = action.removesuffix("-by-post")
    if state not in ALLOWED[action]:
        assert refusal(answer) == (OTHERWISE.get((kind, state)) or REFUSED[kind])
        assert Instance.objects.values().get() == before
        assert AuditEvent.objects.get().outcome == "refused"
    else:
        assert done(answer) == {}
        assert AuditEvent.objects.get().outcome == "done"
        shown = program("GET", path_of(instance))
        if kind == "release":
            assert refusal(shown) == NO_SUCH_OBJECT
        else:
            assert done(shown)["instance"]["status"] == AFTER[kind]


@pytest.mark.parametrize("action", ALLOWED)
@pytest.mark.parametrize("whose", ["somebody's", "nobody's", "released"])
def test_what_is_not_ones_own_is_not_there(program, account, action, whose):
    image = ImageFactory.create(owner=account)
    if whose == "nobody's":
        instance = InstanceFactory.build()
    else:
        how = {} if whose == "somebody's" else {"owner": account, "released_at": timezone.now()}
        instance = InstanceFactory.create(**how)
    before = list(Instance.objects.values())

    assert refusal(act(program, action, instance, image)) == NO_SUCH_OBJECT
    assert refusal(program("GET", path_of(instance))) == NO_SUCH_OBJECT
    assert list(Instance.objects.values()) == before


# Rebuilding


def test_a_rebuild_brings_another_image(program, account, image):
    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, "adminPass": ENCRYPTED}

    assert done(program("PUT", path_of(instance), body, rebuild="")) == {}

    instance.refresh_from_db()
    assert (instance.image_id, instance.image_name) == (image.image_id, image.name)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "adminPass: Field required"),
        ({"adminPass": ""}, "adminPass: Field required"),
        ({"keypairId": "k-1"}, "keypairId: there are no key pairs here"),
        ({"keypairId": "k-1", "adminPass": PASSWORD}, "adminPass: name one way to sign in"),
        ({"keepImageLogin": True, "adminPass": PASSWORD}, "adminPass: name one way to sign in"),
    ],
)
def test_a_rebuild_needs_one_way_to_sign_in(program, account, image, more, message):
    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, **more}

    answer = program("PUT", path_of(instance), body, rebuild="")

    assert refusal(answer) == (400, "InappropriateJSON", message)


def test_a_rebuild_with_an_image_that_cannot_be_used(program, account):
    instance = InstanceFactory.create(owner=account, system_disk_gb=40)

    def rebuilt(image, **more):
        body = {"imageId": image.image_id, "adminPass": PASSWORD, **more}
        return refusal(program("PUT", path_of(instance), body, rebuild=""))

    assert rebuilt(ImageFactory.create()) == NO_SUCH_OBJECT
    assert rebuilt(ImageFactory.create(owner=account, region__code="gz")) == NO_SUCH_OBJECT
    assert rebuilt(ImageFactory.create(owner=account, creating=True)) == NOT_AVAILABLE
    assert rebuilt(ImageFactory.create(owner=account, min_disk_gb=41)) == (
        400,
        "InappropriateJSON",
        "For this image the system disk has 41 to 2048 GB.",
    )
    public = PublicImageFactory.create()
    assert rebuilt(public, adminPass="", keepImageLogin=True)[:2] == (400, "InappropriateJSON")


# Batches


BATCHES: dict[str, Any] = {
    "start": ("/v2/instance/batchAction", {"start": ""}, {"stopped": True}, NOT_STOPPED),
    "stop": ("/v2/instance/batchAction", {"stop": ""}, {}, NOT_RUNNING_TO_STOP),
    "rebuild": ("/v2/instance/rebuild", {}, {}, NOT_SETTLED_TO_REBUILD),
}


def batch(program, action, instances, image):
    path, query, _, _ = BATCHES[action]
    body: dict[str, Any] = {"instanceIds": [each.instance_id for each in instances]}
    if action == "rebuild":
        body |= {"imageId": image.image_id, "adminPass": PASSWORD}
    return program("PUT", path, body, **query)


@pytest.mark.parametrize("action", BATCHES)
def test_a_batch(program, account, image, settings, action):
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    instances = InstanceFactory.create_batch(3, owner=account, **BATCHES[action][2])

    assert done(batch(program, action, [*instances, instances[0]], image)) == {}

    states = {each.status for each in Instance.objects.all()}
    assert states == {"Stopping" if action == "stop" else "Starting"}
    assert AuditEvent.objects.filter(outcome="done").count() == 3


@pytest.mark.parametrize("action", BATCHES)
def test_a_batch_is_done_whole_or_not_and_says_so(program, account, image, action):
    how = BATCHES[action][2]
    first, second, third = InstanceFactory.create_batch(3, owner=account, **how)
    second.passing_status, second.settles_at = "ImageProcessing", FAR
    second.save()
    before = list(Instance.objects.order_by("pk").values())

    answer = batch(program, action, [third, first, second], image)

    assert refusal(answer) == BATCHES[action][3]
    assert list(Instance.objects.order_by("pk").values()) == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", second.instance_id)
    assert event.request_id == answer["x-bce-request-id"]


@pytest.mark.parametrize("action", BATCHES)
def test_a_batch_with_one_that_is_not_there(program, account, image, action):
    own = InstanceFactory.create(owner=account, **BATCHES[action][2])
    before = list(Instance.objects.order_by("pk").values())

    answer = batch(program, action, [own, InstanceFactory.build()], image)
    assert refusal(answer) == NO_SUCH_OBJECT
    strange = InstanceFactory.create()
    assert refusal(batch(program, action, [own, strange], image)) == NO_SUCH_OBJECT

    assert list(Instance.objects.exclude(pk=strange.pk).order_by("pk").values()) == before


# Only what a call is for can be set


def test_nothing_else_of_a_new_instance_can_be_set(program, account, image, settings):
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


# Regions


def test_regions(program):
    for code in ("gz", "su"):
        RegionFactory.create(code=code)

    said = done(program("POST", "/v2/region/describeRegions", {}))["regions"]

    assert [each["regionId"] for each in said] == [each.code for each in Region.objects.all()]
    endpoints = {each["regionId"]: each["regionEndpoint"] for each in said}
    assert endpoints["bj"] == "bcc.bj.example"
    assert endpoints["gz"] == "bcc.gz.example"
    assert all(set(each) == {"regionId", "regionName", "regionEndpoint"} for each in said)


@pytest.mark.parametrize("body", [None, {}, {"region": ""}, {"region": None}])
def test_all_regions(program, body):
    said = done(program("POST", "/v2/region/describeRegions", body))["regions"]

    assert len(said) == Region.objects.count()


@pytest.mark.parametrize(("code", "found"), [("bj", ["bj"]), ("nowhere", [])])
def test_one_region(program, code, found):
    said = done(program("POST", "/v2/region/describeRegions", {"region": code}))["regions"]

    assert [each["regionId"] for each in said] == found


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "dev.company.com", "obj.company.com", "bcc.obj.example"]
)
def test_a_name_without_a_region_stays_as_it_is(account, program_for, host):
    RegionFactory.create()
    RegionFactory.create(code="gz")

    said = done(program_for(account, host=host)("POST", "/v2/region/describeRegions", {}))

    assert {each["regionEndpoint"] for each in said["regions"]} == {host}


@pytest.mark.parametrize("code", ["bj", "gz"])
def test_zones(account, program_for, code):
    RegionFactory.create(code=code)
    program = program_for(account, host=f"bcc.{code}.example")

    assert done(program("GET", "/v2/zone")) == {
        "zones": [{"zoneName": f"cn-{code}-{letter}"} for letter in "abc"]
    }


def test_a_token_of_the_javascript_sdk_is_fresh(program):
    first, second = (done(program("POST", "/v1/token/create"))["token"] for _ in range(2))

    assert first != second
    assert len(first) <= 64


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_million_of_them_is_refused_before_a_million_names_are_made(program, is_numbered):
    image = PublicImageFactory.create()
    body = {
        "imageId": image.image_id,
        "spec": "bcc.g5.c2m8",
        "name": "a" * 250,
        "purchaseCount": 1_000_000,
        "autoSeqSuffix": is_numbered,
    }

    tracemalloc.start()
    answer = program("POST", "/v2/instance", body)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refusal(answer)[:2] == (400, "InappropriateJSON")
    assert peak < 10_000_000


def test_a_thousand_statuses_are_as_many_as_there_are(program, account):
    instance = InstanceFactory.create(owner=account)
    statuses = ",".join(["Running", "Stopped", *(f"S{n}" for n in range(1000))])

    assert ids(program("GET", "/v2/instance", status=statuses)) == [instance.instance_id]


def test_prepaid_ones_are_not_released(program, account):
    instance = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))

    answer = program("DELETE", path_of(instance))

    assert refusal(answer)[:2] == (403, "OperationDenied")
