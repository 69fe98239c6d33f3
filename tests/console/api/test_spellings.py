"""The requests of each official SDK, byte for byte.

Recorded from Python 0.9.79, Go 0.9.273, JavaScript 1.0.7 and the newer Python SDK 0.0.8.
The signed text of each one is written out here, without the code under test.
"""

from __future__ import annotations

import pytest

from images.models import Image, ShareGrant

from ...factories import (
    FAR,
    SECRET,
    AccessKeyFactory,
    ImageFactory,
    InstanceFactory,
)
from .programs import Program, done, refusal, send
from .sdks import (
    HOST,
    IMAGE,
    INSTANCE,
    KEY_ID,
    SIGNED_DATE,
    SIGNED_HOST,
    TIME,
    go,
    javascript,
    new_python,
    python,
    signed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def ids(response, key):
    return [row["id"] for row in done(response)[key]]


def recipients():
    return list(ShareGrant.objects.values_list("recipient__name", flat=True))


SHARERS = {
    "python": lambda verb, body: python("POST", f"/v2/image/{IMAGE}?{verb}=", body),
    "new-python": lambda verb, body: new_python("POST", f"/v2/image/{IMAGE}?{verb}=", body),
    "go": lambda verb, body: go("POST", f"/v2/image/{IMAGE}?{verb}", body, f"{verb}="),
    "javascript": lambda verb, body: javascript("POST", f"/v2/image/{IMAGE}?{verb}=", body),
}


# Sharing


@pytest.mark.parametrize("sdk", SHARERS)
@pytest.mark.parametrize(
    "recipient",
    [
        {"account": "ceshizhanghao"},
        {"accountId": "ab1d7802cb9b436bafaf3361fe482ca6"},
        {"ucAccount": "uc-ceshi"},
        {"account": "ceshizhanghao", "accountId": "ab1d7802cb9b436bafaf3361fe482ca6"},
        {"account": "ceshizhanghao", "accountId": "", "ucAccount": ""},
        {"account": "ceshizhanghao", "accountId": None, "ucAccount": None},
        {"imageId": IMAGE, "account": "ceshizhanghao"},
    ],
)
def test_each_sdk_shares_and_unshares_an_image(sdk, recipient):
    call = SHARERS[sdk]

    assert done(call("share", recipient)) == {}
    assert recipients() == ["ceshizhanghao"]
    assert refusal(call("share", recipient))[1] == "Image.AccountHasBeenShared"
    assert done(call("unshare", recipient)) == {}
    assert recipients() == []


@pytest.mark.parametrize("sdk", SHARERS)
def test_each_sdk_is_refused_without_a_recipient(sdk):
    assert refusal(SHARERS[sdk]("share", {}))[1] == "Image.AccountListIsEmpty"


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_each_sdk_lists_recipients(sdk):
    SHARERS["python"]("share", {"account": "ceshizhanghao"})

    assert done(sdk("GET", f"/v2/image/{IMAGE}/sharedUsers")) == {
        "users": [
            {
                "account": "ceshizhanghao",
                "accountId": "ab1d7802cb9b436bafaf3361fe482ca6",
                "ucAccount": "uc-ceshi",
            }
        ]
    }


# Listing


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("GET", "/v2/image?imageType=All"),
        lambda: python("GET", "/v2/image?imageType=Custom&maxKeys=1"),
        lambda: new_python("GET", "/v2/image?imageType=All&maxKeys=1000"),
        lambda: go("GET", "/v2/image?maxKeys=1000"),
        lambda: go(
            "GET", "/v2/image?maxKeys=1000&imageType=Custom", None, "imageType=Custom&maxKeys=1000"
        ),
        lambda: javascript(
            "GET", "/v1/image?maxKeys=1000&imageType=All", None, "imageType=All&maxKeys=1000"
        ),
        lambda: javascript(
            "GET",
            "/v1/image?marker=m%2dnky7qeom&maxKeys=1000",
            None,
            "marker=m-nky7qeom&maxKeys=1000",
        ),
        lambda: javascript("GET", "/v1/image?imageName=%67olden", None, "imageName=golden"),
        lambda: go(
            "GET",
            "/v2/image?imageName=golden&imageType=Custom&maxKeys=1000",
            None,
            "imageName=golden&imageType=Custom&maxKeys=1000",
        ),
    ],
)
def test_each_sdk_lists_images(call):
    assert ids(call(), "images") == [IMAGE]


@pytest.mark.parametrize(
    ("sdk", "spelling", "canonical"),
    [
        (python, "a%20b%2F%E4%B8%AD~%27%28", None),
        (go, "a%20b%2F%E4%B8%AD~%27%28", None),
        (javascript, "a%20b%2F%E4%B8%AD%7e%27%28", "a%20b%2F%E4%B8%AD~%27%28"),
        (javascript, "a%2db%5fc%2ed%21%2a%29", "a-b_c.d%21%2A%29"),
        (python, "a%2Bb", None),
        (go, "a+b", "a%2Bb"),
    ],
)
def test_a_name_is_accepted_in_every_spelling(sdk, spelling, canonical):
    text = f"imageName={canonical or spelling}"

    assert ids(sdk("GET", f"/v2/image?imageName={spelling}", None, text), "images") == []


def test_a_plus_sign_is_not_a_space(account):
    InstanceFactory.create(owner=account, name="a+b")

    response = go("GET", "/v2/instance?fuzzyInstanceName=a+b", None, "fuzzyInstanceName=a%2Bb")

    assert len(done(response)["instances"]) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("GET", "/v2/instance"),
        lambda: go("GET", "/v2/instance?maxKeys=1000"),
        lambda: javascript("GET", "/v1/instance?maxKeys=1000"),
        lambda: new_python("GET", "/v2/instance?maxKeys=10"),
        lambda: python(
            "POST",
            "/v2/instance/listByInstanceId?clientToken=5a3e",
            {"instanceIds": [INSTANCE]},
        ),
        lambda: go(
            "POST", "/v2/instance/listByInstanceId?maxKeys=1000", {"instanceIds": [INSTANCE]}
        ),
    ],
)
def test_each_sdk_lists_instances(call):
    assert ids(call(), "instances") == [INSTANCE]


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("GET", f"/v2/instance/{INSTANCE}"),
        lambda: python("GET", f"/v2/instance/{INSTANCE}?containsFailed=false"),
        lambda: go("GET", f"/v2/instance/{INSTANCE}?isDeploySet=false"),
        lambda: javascript("GET", f"/v1/instance/{INSTANCE}"),
        lambda: new_python("GET", f"/v2/instance/{INSTANCE}"),
    ],
)
def test_each_sdk_shows_an_instance(call):
    assert done(call())["instance"]["name"] == "web"


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_each_sdk_shows_an_image(sdk):
    assert done(sdk("GET", f"/v2/image/{IMAGE}"))["image"]["name"] == "golden"


# Creating, changing and deleting images


@pytest.mark.parametrize(
    "call",
    [
        lambda: python(
            "POST",
            "/v2/image?clientToken=be31b98c-5e41-4838-9830-9be700de5a20",
            {"imageName": "created", "instanceId": INSTANCE, "relateCds": False},
        ),
        lambda: go(
            "POST",
            "/v2/image",
            {"instanceId": INSTANCE, "imageName": "created", "relateCds": False, "encryptKey": ""},
        ),
        lambda: go(
            "POST",
            "/v2/image",
            {
                "instanceId": INSTANCE,
                "snapshotId": "",
                "imageName": "created",
                "relateCds": False,
                "encryptKey": "",
                "detection": False,
            },
        ),
        lambda: new_python(
            "POST",
            "/v2/image",
            {"imageName": "created", "instanceId": INSTANCE, "snapshotId": None, "detection": None},
        ),
    ],
)
def test_each_sdk_creates_an_image(call):
    result = done(call())

    assert Image.objects.get(name="created").image_id == result["imageId"]


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_each_sdk_deletes_an_image(sdk):
    assert done(sdk("DELETE", f"/v2/image/{IMAGE}")) == {}
    assert not Image.objects.exists()


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_each_sdk_renames_an_image(sdk):
    done(sdk("PUT", "/v2/image/rename", {"name": "newer", "imageId": IMAGE}))

    assert Image.objects.get().name == "newer"


@pytest.mark.parametrize(
    ("sdk", "target", "canonical_query"),
    [
        (python, f"/v2/image/{IMAGE}?remoteCopy=", None),
        (go, f"/v2/image/{IMAGE}?remoteCopy", "remoteCopy="),
        (javascript, f"/v2/image/{IMAGE}?remoteCopy=", None),
    ],
)
def test_each_sdk_copies_an_image(settings, sdk, target, canonical_query):
    settings.IMAGE_COPY_SECONDS = 60
    body = {"name": "copied", "destRegion": ["gz"]}

    (result,) = done(sdk("POST", target, body, canonical_query))["result"]

    assert Image.objects.get(region="gz").image_id == result["imageId"]
    program_in_gz = Program(
        AccessKeyFactory.build(key_id=KEY_ID), secret=SECRET, host="bcc.gz.example"
    )
    assert done(program_in_gz("POST", f"/v2/image/{result['imageId']}", cancelRemoteCopy="")) == {}
    assert not Image.objects.filter(region="gz").exists()


def test_a_copy_is_cancelled_without_a_body(account):
    ImageFactory.create(owner=account, image_id="m-copying0", copying=True)
    ImageFactory.create(owner=account, image_id="m-copying1", copying=True)

    assert done(python("POST", "/v2/image/m-copying0?cancelRemoteCopy=")) == {}
    target = "/v2/image/m-copying1?cancelRemoteCopy"
    assert done(go("POST", target, None, "cancelRemoteCopy=")) == {}


@pytest.mark.parametrize("sdk", [python, new_python, go])
def test_each_sdk_lists_operating_systems(sdk):
    (found,) = done(sdk("POST", "/v2/image/os", {"instanceIds": [INSTANCE]}))["osInfo"]

    assert found["instanceId"] == INSTANCE


@pytest.mark.parametrize("sdk", [python, new_python, go])
def test_each_sdk_is_refused_to_import_an_image(sdk):
    body = {"osName": "Ubuntu", "osArch": "x", "osType": "linux", "osVersion": "22.04"}

    assert refusal(sdk("POST", "/v2/image/import?clientToken=5a3e", body))[1] == "OperationDenied"


# Regions


def test_each_sdk_lists_regions_and_zones():
    for sdk in (python, new_python, go):
        result = done(sdk("POST", "/v2/region/describeRegions", {"region": "bj"}))
        assert [each["regionId"] for each in result["regions"]] == ["bj"]
        assert len(done(sdk("GET", "/v2/zone"))["zones"]) == 3


# Changes that a server or a proxy may make to a request


@pytest.mark.parametrize("length", ["0", "", None])
def test_a_signed_content_length_of_zero_may_be_dropped(length):
    canonical = ["GET", "/v2/image", "", "content-length:0", SIGNED_HOST, SIGNED_DATE]
    headers = signed(canonical, "", {"Host": HOST, "x-bce-date": TIME})
    if length is not None:
        headers["Content-Length"] = length

    assert ids(send("GET", "/v2/image", headers), "images") == [IMAGE]


def test_a_security_token_is_signed_like_other_bce_headers():
    lines = ["content-length:0", SIGNED_HOST, SIGNED_DATE, "x-bce-security-token:abc"]
    headers = {"Host": HOST, "x-bce-date": TIME, "Content-Length": "0"}
    headers["x-bce-security-token"] = "abc"

    valid = signed(["GET", "/v2/image", "", *lines], "", headers)
    done(send("GET", "/v2/image", valid))
    response = send("GET", "/v2/image", valid | {"x-bce-security-token": "abd"})
    assert refusal(response)[1] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("target", "canonical_query"),
    [
        ("/v2/image?maxKeys=10&imageType=All", "imageType=All&maxKeys=10"),
        ("/v2/image?&&maxKeys=10&", "maxKeys=10"),
        ("/v2/image?maxKeys=10&authorization=x", "maxKeys=10"),
        ("/v2/image?%6daxKeys=%31%30", "maxKeys=10"),
    ],
)
def test_a_query_is_accepted_in_many_spellings(target, canonical_query):
    result = done(python("GET", target, None, canonical_query))

    assert result["maxKeys"] == 10
    assert [row["id"] for row in result["images"]] == [IMAGE]


@pytest.mark.parametrize(
    "path", ["/v2/image/m%2Dnky7qeom", "/v2/%69mage/m-nky7qeom", "/v2/image/%6d-nky7qeom"]
)
def test_a_path_is_accepted_in_many_spellings(path):
    """Go and Java sign the decoded path. A path that stays encoded is not found either."""
    canonical = ["GET", f"/v2/image/{IMAGE}", "", SIGNED_HOST, SIGNED_DATE]
    headers = signed(canonical, "host;x-bce-date", {"Host": HOST, "x-bce-date": TIME})

    assert done(send("GET", path, headers))["image"]["id"] == IMAGE


@pytest.mark.parametrize("path", ["/v2/image/m-é", "/v2/image/m-中"])
def test_a_path_with_non_ascii_letters_is_signed_like_others(path):
    spelling = {"é": "%C3%A9", "中": "%E4%B8%AD"}[path[-1]]
    target = path[:-1] + spelling
    canonical = ["GET", target, "", SIGNED_HOST, SIGNED_DATE]
    headers = signed(canonical, "host;x-bce-date", {"Host": HOST, "x-bce-date": TIME})

    assert refusal(send("GET", target, headers))[:2] == (404, "NoSuchObject")


def test_times_are_in_utc_to_the_second(account):
    InstanceFactory.create(owner=account, instance_id="i-prepaid0", expires_at=FAR)

    shown = done(go("GET", "/v2/instance/i-prepaid0?isDeploySet=false"))["instance"]

    assert shown["expireTime"] == "2126-01-01T00:00:00Z"
    assert shown["createTime"] == TIME
