"""Access to an image through the API, and the fields that a call can set."""

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


# Operation: its call, and the refusal for a recipient or None if it is allowed
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


REFUSALS = {
    "shared": (403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared."),
    "copied": NOT_COPYABLE,
    "cancelled": NOT_COPYING,
    "deleted": NOT_DELETABLE,
}


def operate(program, operation, image, account):
    (method, what, body), _refusal = OPERATIONS[operation]
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


def all_rows():
    return [list(model.objects.order_by("pk").values()) for model in (Image, ShareGrant)]


# Strangers, recipients and owners


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_stranger_does_not_find_the_image(program_for, regions, operation):
    image = ShareGrantFactory.create().image
    stranger = AccountFactory.create()
    program = program_for(stranger)
    before = all_rows()

    response = operate(program, operation, image, stranger)

    assert refusal(response) == NO_SUCH_OBJECT
    missing = ImageFactory.build()
    assert refusal(operate(program, operation, missing, stranger)) == refusal(response)
    assert all_rows() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_recipient_can_only_use_the_image(program_for, regions, operation):
    grant = ShareGrantFactory.create()
    program = program_for(grant.recipient)
    before = all_rows()

    response = operate(program, operation, grant.image, grant.recipient)

    refused_as = OPERATIONS[operation][1]
    if refused_as:
        assert refusal(response) == REFUSALS[refused_as]
    else:
        done(response)
    assert all_rows() == before


def test_a_recipient_gets_the_same_refusal_for_every_region(program_for, regions):
    grant = ShareGrantFactory.create()

    response = copying(program_for(grant.recipient), grant.image, "nowhere")

    assert refusal(response) == NOT_COPYABLE


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_owner_can_do_everything(program_for, regions, operation):
    owner, recipient = AccountFactory.create_batch(2)
    image = ImageFactory.create(owner=owner, copying=operation == "cancelRemoteCopy")
    if operation == "unshare":
        ShareGrantFactory.create(image=image, recipient=recipient)
    other = recipient if "share" in operation else owner

    done(operate(program_for(owner), operation, image, other))


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


# Fields that a call ignores


def test_creating_an_image_ignores_other_fields(program, account, settings):
    settings.IMAGE_CREATE_SECONDS = 60
    instance = InstanceFactory.create(owner=account)

    done(program("POST", "/v2/image", FORGED | creation(instance)))

    image = Image.objects.get()
    assert image.image_id != "m-forged00"
    assert (image.owner, image.type, image.region_id) == (account, "Custom", "bj")
    assert (image.status, image.desc, image.encrypted) == ("Creating", "", False)
    assert image.created_at.year >= 2026


def test_renaming_an_image_ignores_other_fields(program, account):
    image = ImageFactory.create(owner=account)
    before = Image.objects.values().get()

    body = FORGED | {"imageId": image.image_id, "name": "newer"}
    done(program("PUT", "/v2/image/rename", body))

    assert Image.objects.values().get() == before | {"name": "newer"}


def test_python_names_of_fields_are_not_accepted(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"image_name": "golden", "instance_id": instance.instance_id}

    assert refusal(program("POST", "/v2/image", body))[:2] == (400, "InappropriateJSON")
    assert Instance.objects.get() == instance


@pytest.mark.parametrize("options", [{"encryptKey": "kms-1"}, {"relateCds": True}])
def test_unsupported_options_are_refused(program, account, options):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id, **options}

    assert refusal(program("POST", "/v2/image", body))[:2] == (403, "OperationDenied")
    assert not Image.objects.exists()


def test_an_instance_is_not_found_as_a_snapshot(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": "", "snapshotId": instance.instance_id}

    assert refusal(program("POST", "/v2/image", body)) == NO_SUCH_OBJECT


def test_several_images_are_renamed_together_or_not_at_all(program, account):
    images = ImageFactory.create_batch(2, owner=account, desc="kept")
    foreign = ImageFactory.create()
    own = [image.image_id for image in images]

    response = program(
        "PUT", "/v2/image/rename", {"imageIds": [*own, foreign.image_id], "name": "a"}
    )
    assert refusal(response) == NO_SUCH_OBJECT
    assert not Image.objects.filter(name="a").exists()

    done(program("PUT", "/v2/image/rename", {"imageIds": own, "name": "b"}))
    assert set(Image.objects.owned_by(account).values_list("name", "desc")) == {("b", "kept")}


def test_two_verbs_in_one_request_are_refused(program, account):
    image = ImageFactory.create(owner=account)
    path = f"/v2/image/{image.image_id}"

    response = program("POST", path, {"account": "x"}, share="", unshare="")

    assert response.status_code == 405
