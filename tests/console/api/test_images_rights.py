"""Who may do what with an image through the API, and what a call can set."""

from __future__ import annotations

from typing import Any

import pytest

from images.models import Image, Instance, ShareGrant

from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
)
from .image_calls import NOT_COPYABLE, NOT_COPYING, NOT_DELETABLE, copying, creation, path_of
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db


# Operation, what a recipient is told; None is that it may
OPERATIONS: dict[str, Any] = {
    "show": (("GET", "", None), None),
    "share": (("POST", "share", "recipient"), "shared"),
    "unshare": (("POST", "unshare", "recipient"), "shared"),
    "sharedUsers": (("GET", "/sharedUsers", None), "shared"),
    "remoteCopy": (("POST", "remoteCopy", {"destRegion": ["gz"]}), "copied"),
    "cancelRemoteCopy": (("POST", "cancelRemoteCopy", None), "cancelled"),
    "delete": (("DELETE", "", None), "deleted"),
    "rename": (("PUT", "rename", None), "deleted"),
    "create": (("POST", "instance", None), None),
    "rebuild": (("PUT", "rebuild", None), None),
}


TOLD = {
    "shared": (403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared."),
    "copied": NOT_COPYABLE,
    "cancelled": NOT_COPYING,
    "deleted": NOT_DELETABLE,
}


def operate(program, operation, image, account):
    (method, what, body), _told = OPERATIONS[operation]
    if operation == "rename":
        return program("PUT", "/v2/image/rename", {"imageId": image.image_id, "name": "mine"})
    if operation == "create":
        body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8"}
        return program("POST", "/v2/instanceBySpec", body)
    if operation == "rebuild":
        instance = InstanceFactory.create(owner=account)
        body = {"imageId": image.image_id, "adminPass": "Abcd1234!"}
        return program("PUT", f"/v2/instance/{instance.instance_id}", body, rebuild="")
    if body == "recipient":
        body = {"accountId": account.account_id}
    if what.startswith("/") or not what:
        return program(method, path_of(image) + what, body)
    return program(method, path_of(image), body, **{what: ""})


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Image, ShareGrant)]


# Who may do what to an image


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_stranger_finds_no_image(program_for, regions, operation):
    image = ShareGrantFactory.create().image
    stranger = AccountFactory.create()
    program = program_for(stranger)
    before = everything()

    answer = operate(program, operation, image, stranger)

    assert refusal(answer) == NO_SUCH_OBJECT
    gone = ImageFactory.build()
    assert refusal(operate(program, operation, gone, stranger)) == refusal(answer)
    assert everything() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_recipient_uses_an_image_and_no_more(program_for, regions, operation):
    grant = ShareGrantFactory.create()
    program = program_for(grant.recipient)
    before = everything()

    answer = operate(program, operation, grant.image, grant.recipient)

    told = OPERATIONS[operation][1]
    if told:
        assert refusal(answer) == TOLD[told]
    else:
        done(answer)
    assert everything() == before


def test_a_recipient_is_told_the_same_whatever_region_it_names(program_for, regions):
    grant = ShareGrantFactory.create()

    answer = copying(program_for(grant.recipient), grant.image, "nowhere")

    assert refusal(answer) == NOT_COPYABLE


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_owner_does_it_all(program_for, regions, operation):
    owner, recipient = AccountFactory.create_batch(2)
    image = ImageFactory.create(owner=owner, copying=operation == "cancelRemoteCopy")
    if operation == "unshare":
        ShareGrantFactory.create(image=image, recipient=recipient)
    who = recipient if "share" in operation else owner

    done(operate(program_for(owner), operation, image, who))


FORGED = {
    "owner": 1,
    "ownerId": 1,
    "owner_id": 1,
    "id": "m-forged00",
    "imageId": "m-forged00",
    "image_id": "m-forged00",
    "status": "Available",
    "settledStatus": "Error",
    "settled_status": "Error",
    "settles_at": "2026-01-01T00:00:00Z",
    "type": "System",
    "region": "gz",
    "desc": "forged",
    "encrypted": True,
    "createdAt": "2000-01-01T00:00:00Z",
    "account": None,
    "isStaff": True,
}


# Only what a call is for can be set


def test_nothing_else_of_a_new_image_can_be_set(program, account, settings):
    settings.IMAGE_CREATE_SECONDS = 60
    instance = InstanceFactory.create(owner=account)

    done(program("POST", "/v2/image", FORGED | creation(instance)))

    image = Image.objects.get()
    assert image.image_id != "m-forged00"
    assert (image.owner, image.type, image.region_id) == (account, "Custom", "bj")
    assert (image.status, image.desc, image.encrypted) == ("Creating", "", False)
    assert image.created_at.year >= 2026


def test_nothing_else_of_an_image_can_be_changed(program, account):
    image = ImageFactory.create(owner=account)
    before = Image.objects.values().get()

    body = FORGED | {"imageId": image.image_id, "name": "newer"}
    done(program("PUT", "/v2/image/rename", body))

    assert Image.objects.values().get() == before | {"name": "newer"}


def test_names_of_ours_are_no_names_of_the_wire(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"image_name": "golden", "instance_id": instance.instance_id}

    assert refusal(program("POST", "/v2/image", body))[:2] == (400, "InappropriateJSON")
    assert Instance.objects.get() == instance


@pytest.mark.parametrize("asked", [{"encryptKey": "kms-1"}, {"relateCds": True}])
def test_what_cannot_be_kept_is_not_promised(program, account, asked):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id, **asked}

    assert refusal(program("POST", "/v2/image", body))[:2] == (403, "OperationDenied")
    assert not Image.objects.exists()


def test_a_snapshot_is_never_found(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": "", "snapshotId": instance.instance_id}

    assert refusal(program("POST", "/v2/image", body)) == NO_SUCH_OBJECT


def test_several_are_renamed_together_or_none_is(program, account):
    images = ImageFactory.create_batch(2, owner=account, desc="kept")
    stranger = ImageFactory.create()
    ours = [image.image_id for image in images]

    answer = program(
        "PUT", "/v2/image/rename", {"imageIds": [*ours, stranger.image_id], "name": "a"}
    )
    assert refusal(answer) == NO_SUCH_OBJECT
    assert not Image.objects.filter(name="a").exists()

    done(program("PUT", "/v2/image/rename", {"imageIds": ours, "name": "b"}))
    assert set(Image.objects.owned_by(account).values_list("name", "desc")) == {("b", "kept")}


def test_two_verbs_at_once_are_none(program, account):
    image = ImageFactory.create(owner=account)
    path = f"/v2/image/{image.image_id}"

    answer = program("POST", path, {"account": "x"}, share="", unshare="")

    assert answer.status_code == 405
