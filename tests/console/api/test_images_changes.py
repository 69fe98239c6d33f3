"""Creating, renaming, deleting and copying images through the API."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import Image

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .image_calls import NOT_COPYABLE, NOT_COPYING, NOT_DELETABLE, copying, creation, path_of
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db

BEING_CREATED = (
    409,
    "Image.CreatingImageCannotBeDeleted",
    "Cannot delete image when creating.",
)


SHARED = (409, "Image.ImageHasBeenSharedToOthers", "Image has been shared to others.")
INVALID_NAME = (400, "Image.ImageNameInvalid", "Image name is invalid.")
NO_ROOM = (413, "Image.ImageQuotaExceedLimit", "Image number exceeds the limit.")

NOT_SETTLED = (
    409,
    "Image.InstanceStatusForbidden",
    "Instance not in running or stopped status.",
)


NOT_AVAILABLE = (409, "Image.ImageStatusForbidden", "Image status is not Available.")
REGION_REFUSED = (409, "Image.RegionNotSupportCopy", "Region not support copy.")


# Creating


@pytest.mark.parametrize("traits", [{}, {"stopped": True}])
def test_an_image_is_created_from_an_instance(program, account, traits, settings):
    settings.IMAGE_CREATE_SECONDS = 60
    instance = InstanceFactory.create(owner=account, **traits)

    result = done(program("POST", "/v2/image", creation(instance)))

    image = Image.objects.get()
    assert result == {"imageId": image.image_id}
    assert (image.owner, image.name, image.status) == (account, "golden", "Creating")
    detail = done(program("GET", f"/v2/instance/{instance.instance_id}"))
    assert detail["instance"]["status"] == "ImageProcessing"
    assert AuditEvent.objects.get().channel == "api"


def test_an_instance_takes_precedence_over_a_snapshot(program, account):
    instance = InstanceFactory.create(owner=account)

    done(program("POST", "/v2/image", creation(instance, snapshotId="s-abcdefgh")))

    assert Image.objects.get().source == instance.instance_id


def test_a_snapshot_is_not_found(program):
    body = {"imageName": "golden", "snapshotId": "s-abcdefgh"}

    assert refusal(program("POST", "/v2/image", body)) == NO_SUCH_OBJECT


def test_an_instance_of_another_account_is_not_found(program):
    instance = InstanceFactory.create()

    assert refusal(program("POST", "/v2/image", creation(instance))) == NO_SUCH_OBJECT
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "traits",
    [{"starting": True}, {"stopping": True}, {"image_processing": True}, {"expired": True}],
)
def test_an_instance_that_is_not_settled_is_refused(program, account, traits):
    instance = InstanceFactory.create(owner=account, **traits)

    assert refusal(program("POST", "/v2/image", creation(instance))) == NOT_SETTLED
    assert not Image.objects.exists()


BAD_NAMES = ["", "1abc", "-abc", "中文", "a b", "a" * 66, "a!", "a\n", "a\u2028"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_an_invalid_name_is_refused(program, account, name):
    instance = InstanceFactory.create(owner=account)
    image = ImageFactory.create(owner=account, name="before")

    assert refusal(program("POST", "/v2/image", creation(instance, name=name))) == INVALID_NAME
    body = {"imageId": image.image_id, "name": name}
    assert refusal(program("PUT", "/v2/image/rename", body)) == INVALID_NAME
    assert Image.objects.get().name == "before"


@pytest.mark.parametrize("name", ["a", "a" * 65, "Ab-_/.9中文"])
def test_a_valid_name_is_accepted(program, account, name):
    image = ImageFactory.create(owner=account)

    done(program("PUT", "/v2/image/rename", {"imageId": image.image_id, "name": name}))

    assert Image.objects.get().name == name


def test_the_twenty_first_image_in_a_region_is_refused(program, account):
    ImageFactory.create_batch(20, owner=account)
    instance = InstanceFactory.create(owner=account)

    assert refusal(program("POST", "/v2/image", creation(instance))) == NO_ROOM
    assert Image.objects.count() == 20


# Renaming and deleting


def test_renaming_changes_only_the_name(program, account):
    image = ImageFactory.create(owner=account, desc="kept")
    body = {"imageId": image.image_id, "name": "newer"}

    assert done(program("PUT", "/v2/image/rename", body)) == {}

    image.refresh_from_db()
    assert (image.name, image.desc) == ("newer", "kept")


def test_a_deleted_image_is_not_found(program, account):
    image = ImageFactory.create(owner=account)

    assert done(program("DELETE", path_of(image))) == {}

    assert refusal(program("GET", path_of(image))) == NO_SUCH_OBJECT
    assert refusal(program("DELETE", path_of(image))) == NO_SUCH_OBJECT


@pytest.mark.parametrize("traits", [{"creating": True}, {"copying": True}])
def test_an_image_that_is_being_created_is_not_deleted(program, account, traits):
    image = ImageFactory.create(owner=account, **traits)

    assert refusal(program("DELETE", path_of(image))) == BEING_CREATED


def test_a_shared_image_is_not_deleted(program, account):
    grant = ShareGrantFactory.create(image__owner=account)

    assert refusal(program("DELETE", path_of(grant.image))) == SHARED

    grant.delete()
    done(program("DELETE", path_of(grant.image)))


@pytest.mark.parametrize("kind", ["System", "Integration"])
def test_a_public_image_is_not_deleted_or_renamed(program, kind):
    image = PublicImageFactory.create(type=kind)
    body = {"imageId": image.image_id, "name": "mine"}

    assert refusal(program("DELETE", path_of(image))) == NOT_DELETABLE
    assert refusal(program("PUT", "/v2/image/rename", body)) == NOT_DELETABLE


# Copying


def test_copies_have_their_own_ids(program, program_for, account, regions, settings):
    settings.IMAGE_COPY_SECONDS = 60
    image = ImageFactory.create(owner=account)
    body = {"name": "copied", "destRegion": ["gz", "su"]}

    result = done(program("POST", path_of(image), body, remoteCopy=""))["result"]

    assert sorted(each["region"] for each in result) == ["gz", "su"]
    assert len({image.image_id, *(each["imageId"] for each in result)}) == 3
    for each in result:
        assert set(each) == {"region", "imageId", "errMsg", "code"}
        assert each["errMsg"] == each["code"] == ""
        other_program = program_for(account, host=f"bcc.{each['region']}.example")
        copy = done(other_program("GET", f"/v2/image/{each['imageId']}"))["image"]
        assert (copy["name"], copy["type"], copy["status"]) == ("copied", "Custom", "Creating")


@pytest.mark.parametrize("name", [{}, {"name": ""}, {"name": None}])
def test_a_copy_without_a_name_gets_the_name_of_the_image(program, account, regions, name):
    image = ImageFactory.create(owner=account, name="golden")

    done(program("POST", path_of(image), {"destRegion": ["gz"], **name}, remoteCopy=""))

    assert Image.objects.get(region="gz").name == "golden"


@pytest.mark.parametrize("codes", [["bj"], ["gz", "bj"], ["nowhere"], ["gz", "nowhere"], [""]])
def test_a_copy_to_an_invalid_region_is_refused(program, account, regions, codes):
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, *codes)) == REGION_REFUSED
    assert Image.objects.count() == 1


@pytest.mark.parametrize("codes", [["bj"], ["nowhere"]])
def test_a_refused_copy_is_in_the_audit_trail(program, account, regions, codes):
    image = ImageFactory.create(owner=account)

    copying(program, image, *codes)

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_id) == (
        "image.copied",
        "refused",
        image.image_id,
    )


@pytest.mark.parametrize("codes", [["gz"], ["nowhere"], ["bj"]])
def test_a_public_image_is_not_copied(program, regions, codes):
    assert refusal(copying(program, PublicImageFactory.create(), *codes)) == NOT_COPYABLE


@pytest.mark.parametrize(
    "traits", [{"creating": True}, {"copying": True}, {"settled_status": "Error"}]
)
def test_an_unavailable_image_is_not_copied(program, account, regions, traits):
    image = ImageFactory.create(owner=account, **traits)

    assert refusal(copying(program, image, "gz")) == NOT_AVAILABLE


def test_a_copy_with_an_invalid_name_is_refused(program, account, regions):
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, "gz", name="1")) == INVALID_NAME


def test_a_copy_to_a_full_region_is_refused(program, account, regions):
    ImageFactory.create_batch(20, owner=account, region__code="gz")
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, "su", "gz")) == NO_ROOM
    assert Image.objects.count() == 21


def test_a_cancelled_copy_is_not_found(program, account):
    image = ImageFactory.create(owner=account, copying=True)

    assert done(program("POST", path_of(image), cancelRemoteCopy="")) == {}

    assert refusal(program("GET", path_of(image))) == NO_SUCH_OBJECT


@pytest.mark.parametrize("traits", [{}, {"creating": True}, {"settled_status": "Error"}])
def test_only_a_copy_in_progress_is_cancelled(program, account, traits):
    image = ImageFactory.create(owner=account, **traits)

    assert refusal(program("POST", path_of(image), cancelRemoteCopy="")) == NOT_COPYING
