"""Images through the API: shapes, pages, making, renaming, deleting, copying."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance, ShareGrant

from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db

NOT_DELETABLE = (403, "Image.UnCustomImageCannotBeDeleted", "Only custom image can be deleted.")
NOT_COPYABLE = (409, "Image.ImageNotSupportCopy", "Image not support copy.")
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
NOT_COPYING = (409, "Image.ImageStatusForbidden", "Image status is not dest_copying.")
NO_COPY_THERE = (409, "Image.RegionNotSupportCopy", "Region not support copy.")


def path_of(image):
    return f"/v2/image/{image.image_id}"


def names(answer):
    return sorted(image["name"] for image in done(answer)["images"])


# Shapes


@pytest.fixture
def golden(account):
    return ImageFactory.create(
        owner=account,
        image_id="m-nky7qeom",
        name="golden",
        desc="with everything",
        os_build="2015061700",
        special_version="financial_safty",
        encrypted=True,
        min_disk_gb=40,
        created_at="2026-11-23T12:58:50.123456Z",
    )


GOLDEN = {
    "id": "m-nky7qeom",
    "name": "golden",
    "type": "Custom",
    "osType": "linux",
    "osVersion": "22.04 LTS",
    "osArch": "x86_64 (64bit)",
    "osName": "Ubuntu",
    "osBuild": "2015061700",
    "osLang": "ENG",
    "specialVersion": "financial_safty",
    "createTime": "2026-11-23T12:58:50Z",
    "status": "Available",
    "desc": "with everything",
    "minDiskGb": 40,
    "diskSize": 0,
    "ephemeralSize": 0,
    "package": False,
    "encrypted": True,
    "snapshots": [],
}


def test_an_image_in_the_list(program, golden):
    ShareGrantFactory.create(image=golden)

    assert done(program("GET", "/v2/image")) == {
        "marker": "",
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [GOLDEN],
    }


def test_an_image_by_itself_tells_how_many_it_is_shared_with(program, golden):
    ShareGrantFactory.create_batch(3, image=golden)

    assert done(program("GET", path_of(golden))) == {
        "image": GOLDEN | {"shareToUserNumLimit": 50, "sharedToUserNum": 3}
    }


def test_the_limit_that_is_told_is_the_owners(program, account, golden):
    account.recipient_limit = 7
    account.save()

    assert done(program("GET", path_of(golden)))["image"]["shareToUserNumLimit"] == 7


def test_a_recipient_sees_a_shared_image_and_not_whom_else_it_is_shared_with(
    program_for, golden, account
):
    grants = ShareGrantFactory.create_batch(3, image=golden)
    program = program_for(grants[0].recipient)

    assert done(program("GET", "/v2/image"))["images"] == [GOLDEN | {"type": "Sharing"}]
    answer = program("GET", path_of(golden))
    assert done(answer) == {
        "image": GOLDEN | {"type": "Sharing", "shareToUserNumLimit": 0, "sharedToUserNum": 0}
    }
    for somebody in (account, grants[1].recipient):
        for identifier in (somebody.name, somebody.account_id, somebody.uc_account):
            assert identifier.encode() not in answer.content


@pytest.mark.parametrize("kind", ["System", "Integration"])
def test_a_public_image(program, kind):
    image = PublicImageFactory.create(type=kind)

    found = done(program("GET", path_of(image)))["image"]

    assert found["type"] == kind
    assert found["shareToUserNumLimit"] == found["sharedToUserNum"] == 0


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"creating": True}, "Creating"),
        ({"copying": True}, "Creating"),
        ({"settled_status": "CreatedFailed"}, "CreatedFailed"),
        ({"settled_status": "NotAvailable"}, "NotAvailable"),
        ({"settled_status": "Error"}, "Error"),
    ],
)
def test_a_status_is_one_of_bccs(program, account, how, status):
    image = ImageFactory.create(owner=account, **how)

    assert done(program("GET", path_of(image)))["image"]["status"] == status
    assert done(program("GET", "/v2/image"))["images"][0]["status"] == status


# The list


@pytest.fixture
def mixed(account):
    """Images of every kind that the account can see, and some that it cannot."""
    ImageFactory.create(owner=account, name="own")
    ShareGrantFactory.create(image__name="received", recipient=account)
    PublicImageFactory.create(name="public")
    PublicImageFactory.create(name="integrated", type="Integration")
    ImageFactory.create(name="strange")
    ImageFactory.create(owner=account, name="elsewhere", region__code="gz")
    ShareGrantFactory.create(image__name="own-given", image__owner=account)


@pytest.mark.parametrize(
    ("image_type", "found"),
    [
        ("All", ["integrated", "own", "own-given", "public", "received"]),
        ("Custom", ["own", "own-given"]),
        ("Sharing", ["received"]),
        ("System", ["public"]),
        ("Integration", ["integrated"]),
        *(
            (absent, [])
            for absent in (
                "BbcSystem", "BbcCustom", "GpuBccSystem", "GpuBccCustom", "GpuBbcSystem",
                "GpuBbcCustom", "FpgaBccSystem", "FpgaBccCustom", "EbcTotal", "EbcSystem",
                "EbcCustom",
            )
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_types(program, mixed, version, image_type, found):
    assert names(program("GET", f"/{version}/image", imageType=image_type)) == found


def test_without_a_type_everything_visible_is_listed(program, mixed):
    everything = ["integrated", "own", "own-given", "public", "received"]

    assert names(program("GET", "/v2/image")) == everything


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ow", ["own", "own-given"]),
        ("OW", []),
        ("given", ["own-given"]),
        ("ed", ["integrated", "received"]),
        ("%", []),
        ("_", []),
        ("own-given", ["own-given"]),
    ],
)
def test_names(program, mixed, text, found):
    assert names(program("GET", "/v2/image", imageName=text)) == found


def test_a_name_and_a_type(program, mixed):
    assert names(program("GET", "/v2/image", imageName="e", imageType="Sharing")) == ["received"]


def fill(account):
    """45 images in one region that the account can see."""
    ImageFactory.create_batch(15, owner=account)
    ShareGrantFactory.create_batch(15, recipient=account)
    PublicImageFactory.create_batch(15)
    ImageFactory.create_batch(5)


def pages(program, **query):
    """Each page as the Terraform provider asks for it."""
    marker, size = "", 10
    while True:
        page = done(program("GET", "/v2/image", maxKeys=str(size), marker=marker, **query))
        assert page["marker"] == marker
        assert page["isTruncated"] == ("nextMarker" in page)
        yield page
        if not page["isTruncated"]:
            return
        marker, size = page["nextMarker"], page["maxKeys"]


def ids_on(page):
    return [image["id"] for image in page["images"]]


def test_pages_have_every_image_once(program, account):
    fill(account)

    found = [ids_on(page) for page in pages(program)]

    assert [len(page) for page in found] == [10, 10, 10, 10, 5]
    visible = Image.objects.visible_to(account).values_list("image_id", flat=True)
    assert sorted(image_id for page in found for image_id in page) == sorted(visible)


def test_a_full_last_page_is_the_last(program, account):
    ImageFactory.create_batch(20, owner=account)

    assert [len(page["images"]) for page in pages(program)] == [10, 10]


def test_pages_while_images_come_and_go(program, account):
    """What is there all the time is on exactly one page."""
    fill(account)
    staying = set(Image.objects.visible_to(account).values_list("image_id", flat=True))

    seen = []
    for page in pages(program):
        seen += ids_on(page)
        if page["isTruncated"]:
            # Among them the one that the next page begins with
            gone = page["nextMarker"]
            ShareGrant.objects.filter(image__image_id=gone).delete()
            Image.objects.filter(image_id=gone).delete()
            staying.discard(gone)
        ImageFactory.create_batch(2, owner=account)
        PublicImageFactory.create_batch(2)

    assert len(seen) == len(set(seen))
    assert staying <= set(seen)


def test_pages_of_a_filtered_list(program, account):
    fill(account)

    found = [ids_on(page) for page in pages(program, imageType="Sharing")]

    assert [len(page) for page in found] == [10, 5]


@pytest.mark.parametrize("marker", ["zzzz", "m-zzzzzzzzz"])
def test_a_marker_behind_the_end(program, account, marker):
    ImageFactory.create(owner=account)

    assert done(program("GET", "/v2/image", marker=marker)) == {
        "marker": marker,
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [],
    }


# Making


def creation(instance, name="golden", **more):
    return {"imageName": name, "instanceId": instance.instance_id, "relateCds": False, **more}


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


@pytest.fixture
def regions():
    for code in ("gz", "su"):
        RegionFactory.create(code=code)


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


def copying(program, image, *codes, name="copied"):
    body = {"name": name, "destRegion": codes}
    return program("POST", path_of(image), body, remoteCopy="")


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


# What else there is


def test_operating_systems_of_instances(program, account):
    first, _second = InstanceFactory.create_batch(2, owner=account)

    said = done(program("POST", "/v2/image/os", {"instanceIds": [first.instance_id]}))

    assert said == {
        "osInfo": [
            {
                "instanceId": first.instance_id,
                "osArch": "x86_64 (64bit)",
                "osName": "Ubuntu",
                "osVersion": "22.04 LTS",
                "osType": "linux",
                "osLang": "ENG",
                "specialVersion": "",
            }
        ]
    }


@pytest.mark.parametrize("body", [None, {}, {"instanceIds": []}, {"instanceIds": None}])
def test_operating_systems_of_no_instances(program, account, body):
    InstanceFactory.create(owner=account)

    assert done(program("POST", "/v2/image/os", body)) == {"osInfo": []}


def test_operating_systems_of_other_peoples_instances(program, account):
    own = InstanceFactory.create(owner=account)
    strange = InstanceFactory.create()
    body = {"instanceIds": [own.instance_id, strange.instance_id]}

    assert refusal(program("POST", "/v2/image/os", body)) == NO_SUCH_OBJECT


def test_importing_is_refused(program):
    body = {"osName": "Ubuntu", "osArch": "x86_64", "osType": "linux", "osVersion": "22.04",
            "name": "imported", "bosUrl": "http://bos.example/x"}  # fmt: skip

    assert refusal(program("POST", "/v2/image/import", body, clientToken="x")) == (
        403,
        "OperationDenied",
        "This console does not import images: make them of instances.",
    )


# Who may do what to an image

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


# Only what a call is for can be set


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
