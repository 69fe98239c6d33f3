"""Starting, stopping, rebooting, rebuilding and releasing instances through the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from images.models import Instance

from ...factories import (
    FAR,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
)
from .instance_calls import ENCRYPTED, NOT_AVAILABLE, PASSWORD, path_of
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db

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


def creating(**how):
    """One that is not there yet: it has been starting since it was created."""
    now = timezone.now()
    how = {"created_at": now, "passing_since": now, **how}
    return InstanceFactory.create(passing_status="Starting", settles_at=FAR, **how)


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


# Starting, stopping, rebooting, releasing


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


# Batches


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


def test_prepaid_ones_are_not_released(program, account):
    instance = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))

    answer = program("DELETE", path_of(instance))

    assert refusal(answer)[:2] == (403, "OperationDenied")
