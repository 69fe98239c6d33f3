"""Images through the API: their fields, the list and operating systems."""

from __future__ import annotations

import pytest

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from .image_calls import path_of
from .programs import NO_SUCH_OBJECT, done, refusal

pytestmark = pytest.mark.django_db


def names(response):
    return sorted(image["name"] for image in done(response)["images"])


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


# Fields


def test_the_list_has_all_fields_of_an_image(program, golden):
    ShareGrantFactory.create(image=golden)

    assert done(program("GET", "/v2/image")) == {
        "marker": "",
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [GOLDEN],
    }


def test_a_single_image_includes_its_number_of_recipients(program, golden):
    ShareGrantFactory.create_batch(3, image=golden)

    assert done(program("GET", path_of(golden))) == {
        "image": GOLDEN | {"shareToUserNumLimit": 50, "sharedToUserNum": 3}
    }


def test_the_recipient_limit_is_that_of_the_owner(program, account, golden):
    account.recipient_limit = 7
    account.save()

    assert done(program("GET", path_of(golden)))["image"]["shareToUserNumLimit"] == 7


def test_a_recipient_sees_a_shared_image_but_not_its_other_recipients(program_for, golden, account):
    grants = ShareGrantFactory.create_batch(3, image=golden)
    program = program_for(grants[0].recipient)

    assert done(program("GET", "/v2/image"))["images"] == [GOLDEN | {"type": "Sharing"}]
    response = program("GET", path_of(golden))
    assert done(response) == {
        "image": GOLDEN | {"type": "Sharing", "shareToUserNumLimit": 0, "sharedToUserNum": 0}
    }
    for other in (account, grants[1].recipient):
        for identifier in (other.name, other.account_id, other.uc_account):
            assert identifier.encode() not in response.content


@pytest.mark.parametrize("kind", ["System", "Integration"])
def test_a_public_image_has_no_recipients(program, kind):
    image = PublicImageFactory.create(type=kind)

    found = done(program("GET", path_of(image)))["image"]

    assert found["type"] == kind
    assert found["shareToUserNumLimit"] == found["sharedToUserNum"] == 0


@pytest.mark.parametrize(
    ("traits", "status"),
    [
        ({"creating": True}, "Creating"),
        ({"copying": True}, "Creating"),
        ({"settled_status": "CreatedFailed"}, "CreatedFailed"),
        ({"settled_status": "NotAvailable"}, "NotAvailable"),
        ({"settled_status": "Error"}, "Error"),
    ],
)
def test_every_status_is_one_that_bcc_documents(program, account, traits, status):
    image = ImageFactory.create(owner=account, **traits)

    assert done(program("GET", path_of(image)))["image"]["status"] == status
    assert done(program("GET", "/v2/image"))["images"][0]["status"] == status


@pytest.fixture
def mixed(account):
    """Images of every type that the account can see, and some that it cannot."""
    ImageFactory.create(owner=account, name="own")
    ShareGrantFactory.create(image__name="received", recipient=account)
    PublicImageFactory.create(name="public")
    PublicImageFactory.create(name="integrated", type="Integration")
    ImageFactory.create(name="strange")
    ImageFactory.create(owner=account, name="elsewhere", region__code="gz")
    ShareGrantFactory.create(image__name="own-given", image__owner=account)


# The list


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
def test_the_list_is_filtered_by_type(program, mixed, version, image_type, found):
    assert names(program("GET", f"/{version}/image", imageType=image_type)) == found


def test_without_a_type_all_visible_images_are_listed(program, mixed):
    visible = ["integrated", "own", "own-given", "public", "received"]

    assert names(program("GET", "/v2/image")) == visible


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
def test_the_list_is_filtered_by_name(program, mixed, text, found):
    assert names(program("GET", "/v2/image", imageName=text)) == found


def test_the_list_is_filtered_by_name_and_type(program, mixed):
    assert names(program("GET", "/v2/image", imageName="e", imageType="Sharing")) == ["received"]


# Operating systems and import


def test_operating_systems_of_instances_are_listed(program, account):
    first, _second = InstanceFactory.create_batch(2, owner=account)

    result = done(program("POST", "/v2/image/os", {"instanceIds": [first.instance_id]}))

    assert result == {
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
def test_without_instance_ids_no_operating_systems_are_listed(program, account, body):
    InstanceFactory.create(owner=account)

    assert done(program("POST", "/v2/image/os", body)) == {"osInfo": []}


def test_operating_systems_of_other_accounts_are_not_found(program, account):
    own = InstanceFactory.create(owner=account)
    foreign = InstanceFactory.create()
    body = {"instanceIds": [own.instance_id, foreign.instance_id]}

    assert refusal(program("POST", "/v2/image/os", body)) == NO_SUCH_OBJECT


def test_importing_is_refused(program):
    body = {"osName": "Ubuntu", "osArch": "x86_64", "osType": "linux", "osVersion": "22.04",
            "name": "imported", "bosUrl": "http://bos.example/x"}  # fmt: skip

    assert refusal(program("POST", "/v2/image/import", body, clientToken="x")) == (
        403,
        "OperationDenied",
        "This console doesn't support image import.",
    )
