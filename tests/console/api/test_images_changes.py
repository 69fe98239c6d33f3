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
NO_COPY_THERE = (409, "Image.RegionNotSupportCopy", "Region not support copy.")


# Making


@pytest.mark.parametrize("how", [{}, {"stopped": True}])
def test_an_image_is_made_of_an_instance(program, account, how, settings):
    settings.IMAGE_CREATE_SECONDS = 60
    instance = InstanceFactory.create(owner=account, **how)

    said = done(program("POST", "/v2/image", creation(instance)))

    image = Image.objects.get()
    assert said == {"imageId": image.image_id}
    assert (image.owner, image.name, image.status) == (account, "golden", "Creating")
    detail = done(program("GET", f"/v2/instance/{instance.instance_id}"))
    assert detail["instance"]["status"] == "ImageProcessing"
    assert AuditEvent.objects.get().channel == "api"


def test_an_instance_goes_before_a_snapshot(program, account):
    instance = InstanceFactory.create(owner=account)

    done(program("POST", "/v2/image", creation(instance, snapshotId="s-abcdefgh")))

    assert Image.objects.get().source == instance.instance_id


def test_there_are_no_snapshots(program):
    body = {"imageName": "golden", "snapshotId": "s-abcdefgh"}

    assert refusal(program("POST", "/v2/image", body)) == NO_SUCH_OBJECT


def test_an_instance_of_somebody_else_is_not_there(program):
    instance = InstanceFactory.create()

    assert refusal(program("POST", "/v2/image", creation(instance))) == NO_SUCH_OBJECT
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "how", [{"starting": True}, {"stopping": True}, {"image_processing": True}, {"expired": True}]
)
def test_an_instance_that_is_not_settled(program, account, how):
    instance = InstanceFactory.create(owner=account, **how)

    assert refusal(program("POST", "/v2/image", creation(instance))) == NOT_SETTLED
    assert not Image.objects.exists()


BAD_NAMES = ["", "1abc", "-abc", "中文", "a b", "a" * 66, "a!", "a\n", "a\u2028"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_breaks_the_rule(program, account, name):
    instance = InstanceFactory.create(owner=account)
    image = ImageFactory.create(owner=account, name="before")

    assert refusal(program("POST", "/v2/image", creation(instance, name=name))) == INVALID_NAME
    body = {"imageId": image.image_id, "name": name}
    assert refusal(program("PUT", "/v2/image/rename", body)) == INVALID_NAME
    assert Image.objects.get().name == "before"


@pytest.mark.parametrize("name", ["a", "a" * 65, "Ab-_/.9中文"])
def test_a_name_that_keeps_the_rule(program, account, name):
    image = ImageFactory.create(owner=account)

    done(program("PUT", "/v2/image/rename", {"imageId": image.image_id, "name": name}))

    assert Image.objects.get().name == name


def test_the_twenty_first_image_of_a_region(program, account):
    ImageFactory.create_batch(20, owner=account)
    instance = InstanceFactory.create(owner=account)

    assert refusal(program("POST", "/v2/image", creation(instance))) == NO_ROOM
    assert Image.objects.count() == 20


# Renaming and deleting


def test_renaming(program, account):
    image = ImageFactory.create(owner=account, desc="kept")
    body = {"imageId": image.image_id, "name": "newer"}

    assert done(program("PUT", "/v2/image/rename", body)) == {}

    image.refresh_from_db()
    assert (image.name, image.desc) == ("newer", "kept")


def test_deleting(program, account):
    image = ImageFactory.create(owner=account)

    assert done(program("DELETE", path_of(image))) == {}

    assert refusal(program("GET", path_of(image))) == NO_SUCH_OBJECT
    assert refusal(program("DELETE", path_of(image))) == NO_SUCH_OBJECT


@pytest.mark.parametrize("how", [{"creating": True}, {"copying": True}])
def test_deleting_what_is_being_made(program, account, how):
    image = ImageFactory.create(owner=account, **how)

    assert refusal(program("DELETE", path_of(image))) == BEING_CREATED


def test_deleting_what_is_shared(program, account):
    grant = ShareGrantFactory.create(image__owner=account)

    assert refusal(program("DELETE", path_of(grant.image))) == SHARED

    grant.delete()
    done(program("DELETE", path_of(grant.image)))


@pytest.mark.parametrize("kind", ["System", "Integration"])
def test_deleting_and_renaming_a_public_image(program, kind):
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
        there = program_for(account, host=f"bcc.{each['region']}.example")
        copy = done(there("GET", f"/v2/image/{each['imageId']}"))["image"]
        assert (copy["name"], copy["type"], copy["status"]) == ("copied", "Custom", "Creating")


@pytest.mark.parametrize("name", [{}, {"name": ""}, {"name": None}])
def test_a_copy_without_a_name_has_the_images(program, account, regions, name):
    image = ImageFactory.create(owner=account, name="golden")

    done(program("POST", path_of(image), {"destRegion": ["gz"], **name}, remoteCopy=""))

    assert Image.objects.get(region="gz").name == "golden"


@pytest.mark.parametrize("codes", [["bj"], ["gz", "bj"], ["nowhere"], ["gz", "nowhere"], [""]])
def test_regions_that_no_copy_can_go_to(program, account, regions, codes):
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, *codes)) == NO_COPY_THERE
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
def test_copying_a_public_image(program, regions, codes):
    assert refusal(copying(program, PublicImageFactory.create(), *codes)) == NOT_COPYABLE


@pytest.mark.parametrize(
    "how", [{"creating": True}, {"copying": True}, {"settled_status": "Error"}]
)
def test_copying_what_is_not_available(program, account, regions, how):
    image = ImageFactory.create(owner=account, **how)

    assert refusal(copying(program, image, "gz")) == NOT_AVAILABLE


def test_a_copy_with_a_bad_name(program, account, regions):
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, "gz", name="1")) == INVALID_NAME


def test_a_copy_to_a_full_region(program, account, regions):
    ImageFactory.create_batch(20, owner=account, region__code="gz")
    image = ImageFactory.create(owner=account)

    assert refusal(copying(program, image, "su", "gz")) == NO_ROOM
    assert Image.objects.count() == 21


def test_cancelling_a_copy(program, account):
    image = ImageFactory.create(owner=account, copying=True)

    assert done(program("POST", path_of(image), cancelRemoteCopy="")) == {}

    assert refusal(program("GET", path_of(image))) == NO_SUCH_OBJECT


@pytest.mark.parametrize("how", [{}, {"creating": True}, {"settled_status": "Error"}])
def test_cancelling_what_is_no_copy_on_its_way(program, account, how):
    image = ImageFactory.create(owner=account, **how)

    assert refusal(program("POST", path_of(image), cancelRemoteCopy="")) == NOT_COPYING
