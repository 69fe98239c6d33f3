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


PREPAID = (
    403,
    "OperationDenied",
    "This instance is prepaid. Release it after it expires.",
)


BEING_IMAGED = (
    409,
    "Instance.ReleaseInstanceOperationForbidden",
    "An image is being created from this instance. Wait until it's complete.",
)


def creating(**fields):
    """Return an instance that is still being created: it is starting since its creation."""
    now = timezone.now()
    fields = {"created_at": now, "passing_since": now, **fields}
    return InstanceFactory.create(passing_status="Starting", settles_at=FAR, **fields)


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


SPECIAL_REFUSALS = {
    ("start", "creating"): START_CREATING,
    ("start", "expired"): START_EXPIRED,
    ("start", "expired-stopped"): START_EXPIRED,
    ("release", "creating"): RELEASE_CREATING,
    ("release", "processing"): BEING_IMAGED,
    ("release", "prepaid"): PREPAID,
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
def test_each_state_allows_or_refuses_each_action(program, account, settings, action, state):
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    image = ImageFactory.create(owner=account)
    if state == "creating":
        instance = creating(owner=account)
    else:
        instance = InstanceFactory.create(owner=account, **STATES[state])
    before = Instance.objects.values().get()

    response = act(program, action, instance, image)

    kind = action.removesuffix("-by-post")
    if state not in ALLOWED[action]:
        assert refusal(response) == (SPECIAL_REFUSALS.get((kind, state)) or REFUSED[kind])
        assert Instance.objects.values().get() == before
        assert AuditEvent.objects.get().outcome == "refused"
    else:
        assert done(response) == {}
        assert AuditEvent.objects.get().outcome == "done"
        shown = program("GET", path_of(instance))
        if kind == "release":
            assert refusal(shown) == NO_SUCH_OBJECT
        else:
            assert done(shown)["instance"]["status"] == AFTER[kind]


@pytest.mark.parametrize("action", ALLOWED)
@pytest.mark.parametrize("case", ["foreign", "missing", "released"])
def test_only_own_unreleased_instances_are_found(program, account, action, case):
    image = ImageFactory.create(owner=account)
    if case == "missing":
        instance = InstanceFactory.build()
    else:
        traits = {} if case == "foreign" else {"owner": account, "released_at": timezone.now()}
        instance = InstanceFactory.create(**traits)
    before = list(Instance.objects.values())

    assert refusal(act(program, action, instance, image)) == NO_SUCH_OBJECT
    assert refusal(program("GET", path_of(instance))) == NO_SUCH_OBJECT
    assert list(Instance.objects.values()) == before


# Rebuilding


def test_a_rebuild_sets_another_image(program, account, image):
    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, "adminPass": ENCRYPTED}

    assert done(program("PUT", path_of(instance), body, rebuild="")) == {}

    instance.refresh_from_db()
    assert (instance.image_id, instance.image_name) == (image.image_id, image.name)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({}, "adminPass: Field required"),
        ({"adminPass": ""}, "adminPass: Field required"),
        ({"keypairId": "k-1"}, "keypairId: key pairs are not supported"),
        (
            {"keypairId": "k-1", "adminPass": PASSWORD},
            "adminPass: use only one of adminPass, keypairId and keepImageLogin",
        ),
        (
            {"keepImageLogin": True, "adminPass": PASSWORD},
            "adminPass: use only one of adminPass, keypairId and keepImageLogin",
        ),
    ],
)
def test_a_rebuild_needs_exactly_one_login(program, account, image, extra, message):
    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, **extra}

    response = program("PUT", path_of(instance), body, rebuild="")

    assert refusal(response) == (400, "InappropriateJSON", message)


def test_a_rebuild_with_an_unusable_image_is_refused(program, account):
    instance = InstanceFactory.create(owner=account, system_disk_gb=40)

    def rebuild(image, **extra):
        body = {"imageId": image.image_id, "adminPass": PASSWORD, **extra}
        return refusal(program("PUT", path_of(instance), body, rebuild=""))

    assert rebuild(ImageFactory.create()) == NO_SUCH_OBJECT
    assert rebuild(ImageFactory.create(owner=account, region__code="gz")) == NO_SUCH_OBJECT
    assert rebuild(ImageFactory.create(owner=account, creating=True)) == NOT_AVAILABLE
    assert rebuild(ImageFactory.create(owner=account, min_disk_gb=41)) == (
        400,
        "InappropriateJSON",
        "This image needs a system disk of 41 to 2048 GB.",
    )
    public = PublicImageFactory.create()
    assert rebuild(public, adminPass="", keepImageLogin=True)[:2] == (400, "InappropriateJSON")


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
def test_a_batch_changes_every_instance_once(program, account, image, settings, action):
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    instances = InstanceFactory.create_batch(3, owner=account, **BATCHES[action][2])

    assert done(batch(program, action, [*instances, instances[0]], image)) == {}

    states = {each.status for each in Instance.objects.all()}
    assert states == {"Stopping" if action == "stop" else "Starting"}
    assert AuditEvent.objects.filter(outcome="done").count() == 3


@pytest.mark.parametrize("action", BATCHES)
def test_a_batch_changes_all_instances_or_none(program, account, image, action):
    traits = BATCHES[action][2]
    first, second, third = InstanceFactory.create_batch(3, owner=account, **traits)
    second.passing_status, second.settles_at = "ImageProcessing", FAR
    second.save()
    before = list(Instance.objects.order_by("pk").values())

    response = batch(program, action, [third, first, second], image)

    assert refusal(response) == BATCHES[action][3]
    assert list(Instance.objects.order_by("pk").values()) == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", second.instance_id)
    assert event.request_id == response["x-bce-request-id"]


@pytest.mark.parametrize("action", BATCHES)
def test_a_batch_with_an_unknown_instance_is_refused(program, account, image, action):
    own = InstanceFactory.create(owner=account, **BATCHES[action][2])
    before = list(Instance.objects.order_by("pk").values())

    response = batch(program, action, [own, InstanceFactory.build()], image)
    assert refusal(response) == NO_SUCH_OBJECT
    foreign = InstanceFactory.create()
    assert refusal(batch(program, action, [own, foreign], image)) == NO_SUCH_OBJECT

    assert list(Instance.objects.exclude(pk=foreign.pk).order_by("pk").values()) == before


def test_prepaid_instances_are_not_released(program, account):
    instance = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))

    response = program("DELETE", path_of(instance))

    assert refusal(response)[:2] == (403, "OperationDenied")
