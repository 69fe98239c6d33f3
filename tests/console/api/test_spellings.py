"""Each official SDK's way to say a request, byte for byte.

Found by running them: Python 0.9.79, Go 0.9.273, JavaScript 1.0.7 and the newer Python SDK 0.0.8.
What each one signs is written out here; nothing of ours is asked for it.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

import pytest

from images.models import Image, Instance, ShareGrant

from ...factories import (
    FAR,
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
)
from .programs import Program, authorization, done, refusal, send

pytestmark = pytest.mark.django_db

KEY_ID = "f81d3b34e48048fbb2634dc7882d7e21"
TIME = "2026-11-23T12:58:50Z"
HOST = "127.0.0.1:8000"
# As they stand in what is signed
SIGNED_HOST = "host:127.0.0.1%3A8000"
SIGNED_DATE = "x-bce-date:2026-11-23T12%3A58%3A50Z"
IMAGE = "m-nky7qeom"
INSTANCE = "i-Q0ezqMIa"
ENCRYPTED = "3ccefba41cc272edb031c0571e343fe9"


@pytest.fixture(autouse=True)
def world(account, time_machine):
    """An own image, a running instance and somebody to share with, at the time of the requests."""
    time_machine.move_to(TIME, tick=False)
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    AccessKeyFactory.create(key_id=KEY_ID, user__account=account)
    AccountFactory.create(
        name="ceshizhanghao",
        account_id="ab1d7802cb9b436bafaf3361fe482ca6",
        uc_account="uc-ceshi",
    )
    ImageFactory.create(owner=account, image_id=IMAGE, name="golden")
    InstanceFactory.create(owner=account, instance_id=INSTANCE, name="web")


def signed(canonical, signed_headers, headers):
    """`headers` with the signature of the lines of `canonical`."""
    text = authorization(KEY_ID, "\n".join(canonical), signed_headers, at=TIME)
    return {"Authorization": text, **headers}


def content_of(body):
    return b"" if body is None else json.dumps(body).encode()


def python(method, target, body=None, canonical_query=None):
    """bce-python-sdk: no signed headers are named, no content type, a length on everything."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "User-Agent": "bce-sdk-python/0.9.79/3.11.7/linux",
        "x-bce-date": TIME,
        "Host": HOST,
        "Content-Length": str(len(content)),
    }
    lines = [f"content-length:{len(content)}", SIGNED_HOST, SIGNED_DATE]
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    return send(method, target, signed(canonical, "", headers), content)


def new_python(method, target, body=None):
    """baiducloud-python-sdk: names host and x-bce-date, a content type always."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "Host": HOST,
        "User-Agent": "python-requests/2.32",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "Connection": "keep-alive",
        "Content-Type": "application/json;charset=utf-8",
        "x-bce-date": TIME,
    }
    if content:
        headers["Content-Length"] = str(len(content))
    canonical = [method, path, query, SIGNED_HOST, SIGNED_DATE]
    return send(method, target, signed(canonical, "host;x-bce-date", headers), content)


def go(method, target, body=None, canonical_query=None):
    """bce-sdk-go: key-only parameters, an MD5 with a body, its own request id, not signed."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "Host": HOST,
        "User-Agent": "bce-sdk-go/0.9.273/go1.22/linux/amd64",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json;charset=utf-8",
        "x-bce-date": TIME,
        "x-bce-request-id": "93bb0a25-e8a9-4b54-8b4a-8a5e9e3ba06d",
    }
    lines = ["content-type:application%2Fjson%3Bcharset%3Dutf-8", SIGNED_HOST, SIGNED_DATE]
    names = "content-type;host;x-bce-date"
    if content:
        md5 = b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324
        headers |= {"Content-Length": str(len(content)), "Content-MD5": md5}
        escaped = md5.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        lines = [f"content-length:{len(content)}", f"content-md5:{escaped}", *lines]
        names = "content-length;content-md5;" + names
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    answer = send(method, target, signed(canonical, names, headers), content)
    assert answer["x-bce-request-id"] != headers["x-bce-request-id"]
    return answer


def javascript(method, target, body=None, canonical_query=None):
    """@baiducloud/sdk: a content type also on GET, escapes in small letters signed as plain."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "User-Agent": "bce-sdk-nodejs/1.0.7/linux/v20",
        "Connection": "close",
        "Content-Type": "application/json; charset=UTF-8",
        "x-bce-date": TIME,
        "Host": HOST,
    }
    lines = ["content-type:application%2Fjson%3B%20charset%3DUTF-8", SIGNED_HOST, SIGNED_DATE]
    names = "content-type;host;x-bce-date"
    if content:
        headers["Content-Length"] = str(len(content))
        lines = [f"content-length:{len(content)}", *lines]
        names = "content-length;" + names
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    return send(method, target, signed(canonical, names, headers), content)


def ids(answer, what):
    return [row["id"] for row in done(answer)[what]]


def recipients():
    return list(ShareGrant.objects.values_list("recipient__name", flat=True))


# Sharing, as each SDK asks for it

SHARERS = {
    "python": lambda verb, body: python("POST", f"/v2/image/{IMAGE}?{verb}=", body),
    "new-python": lambda verb, body: new_python("POST", f"/v2/image/{IMAGE}?{verb}=", body),
    "go": lambda verb, body: go("POST", f"/v2/image/{IMAGE}?{verb}", body, f"{verb}="),
    "javascript": lambda verb, body: javascript("POST", f"/v2/image/{IMAGE}?{verb}=", body),
}


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
def test_sharing(sdk, recipient):
    ask = SHARERS[sdk]

    assert done(ask("share", recipient)) == {}
    assert recipients() == ["ceshizhanghao"]
    assert refusal(ask("share", recipient))[1] == "Image.AccountHasBeenShared"
    assert done(ask("unshare", recipient)) == {}
    assert recipients() == []


@pytest.mark.parametrize("sdk", SHARERS)
def test_sharing_with_nobody(sdk):
    assert refusal(SHARERS[sdk]("share", {}))[1] == "Image.AccountListIsEmpty"


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_recipients(sdk):
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
    "ask",
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
def test_images(ask):
    assert ids(ask(), "images") == [IMAGE]


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
def test_a_name_in_every_spelling(sdk, spelling, canonical):
    text = f"imageName={canonical or spelling}"

    assert ids(sdk("GET", f"/v2/image?imageName={spelling}", None, text), "images") == []


def test_a_plus_is_a_plus(account):
    InstanceFactory.create(owner=account, name="a+b")

    answer = go("GET", "/v2/instance?fuzzyInstanceName=a+b", None, "fuzzyInstanceName=a%2Bb")

    assert len(done(answer)["instances"]) == 1


@pytest.mark.parametrize(
    "ask",
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
def test_instances(ask):
    assert ids(ask(), "instances") == [INSTANCE]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("GET", f"/v2/instance/{INSTANCE}"),
        lambda: python("GET", f"/v2/instance/{INSTANCE}?containsFailed=false"),
        lambda: go("GET", f"/v2/instance/{INSTANCE}?isDeploySet=false"),
        lambda: javascript("GET", f"/v1/instance/{INSTANCE}"),
        lambda: new_python("GET", f"/v2/instance/{INSTANCE}"),
    ],
)
def test_an_instance(ask):
    assert done(ask())["instance"]["name"] == "web"


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_an_image(sdk):
    assert done(sdk("GET", f"/v2/image/{IMAGE}"))["image"]["name"] == "golden"


# Making and ending images


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python(
            "POST",
            "/v2/image?clientToken=be31b98c-5e41-4838-9830-9be700de5a20",
            {"imageName": "made", "instanceId": INSTANCE, "relateCds": False},
        ),
        lambda: go(
            "POST",
            "/v2/image",
            {"instanceId": INSTANCE, "imageName": "made", "relateCds": False, "encryptKey": ""},
        ),
        lambda: go(
            "POST",
            "/v2/image",
            {
                "instanceId": INSTANCE,
                "snapshotId": "",
                "imageName": "made",
                "relateCds": False,
                "encryptKey": "",
                "detection": False,
            },
        ),
        lambda: new_python(
            "POST",
            "/v2/image",
            {"imageName": "made", "instanceId": INSTANCE, "snapshotId": None, "detection": None},
        ),
    ],
)
def test_making_an_image(ask):
    said = done(ask())

    assert Image.objects.get(name="made").image_id == said["imageId"]


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_deleting_an_image(sdk):
    assert done(sdk("DELETE", f"/v2/image/{IMAGE}")) == {}
    assert not Image.objects.exists()


@pytest.mark.parametrize("sdk", [python, new_python, go, javascript])
def test_renaming_an_image(sdk):
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
def test_copying_an_image_and_cancelling_it(settings, sdk, target, canonical_query):
    settings.IMAGE_COPY_SECONDS = 60
    body = {"name": "copied", "destRegion": ["gz"]}

    (result,) = done(sdk("POST", target, body, canonical_query))["result"]

    assert Image.objects.get(region="gz").image_id == result["imageId"]
    there = Program(AccessKeyFactory.build(key_id=KEY_ID), secret=SECRET, host="bcc.gz.example")
    assert done(there("POST", f"/v2/image/{result['imageId']}", cancelRemoteCopy="")) == {}
    assert not Image.objects.filter(region="gz").exists()


def test_cancelling_without_a_body(account):
    ImageFactory.create(owner=account, image_id="m-copying0", copying=True)
    ImageFactory.create(owner=account, image_id="m-copying1", copying=True)

    assert done(python("POST", "/v2/image/m-copying0?cancelRemoteCopy=")) == {}
    target = "/v2/image/m-copying1?cancelRemoteCopy"
    assert done(go("POST", target, None, "cancelRemoteCopy=")) == {}


@pytest.mark.parametrize("sdk", [python, new_python, go])
def test_operating_systems(sdk):
    (found,) = done(sdk("POST", "/v2/image/os", {"instanceIds": [INSTANCE]}))["osInfo"]

    assert found["instanceId"] == INSTANCE


@pytest.mark.parametrize("sdk", [python, new_python, go])
def test_importing(sdk):
    body = {"osName": "Ubuntu", "osArch": "x", "osType": "linux", "osVersion": "22.04"}

    assert refusal(sdk("POST", "/v2/image/import?clientToken=5a3e", body))[1] == "OperationDenied"


# Making and ending instances

OLD_PYTHON = {
    "cpuCount": 2,
    "memoryCapacityInGB": 8,
    "imageId": IMAGE,
    "billing": {
        "paymentTiming": "Postpaid",
        "reservation": {"reservationLength": 1, "reservationTimeUnit": "Month"},
    },
    "autoSeqSuffix": False,
    "isOpenHostnameDomain": False,
    "isOpenHosteye": False,
    "purchaseCount": 1,
    "name": "made",
    "adminPass": ENCRYPTED,
    "autoRenewTimeUnit": "month",
    "cdsAutoRenew": False,
}
OLD_PYTHON_BY_SPEC = {
    "spec": "bcc.g5.c2m8",
    "imageId": IMAGE,
    "billing": {
        "paymentTiming": "Postpaid",
        "reservation": {"reservationLength": 1, "reservationTimeUnit": "Month"},
    },
    "purchaseCount": 1,
    "name": "made",
    "adminPass": ENCRYPTED,
    "autoRenewTimeUnit": "month",
    "cdsAutoRenew": None,
}
GO = {
    "imageId": IMAGE,
    "billing": {},
    "cpuCount": 2,
    "memoryCapacityInGB": 8,
    "name": "made",
    "adminPass": ENCRYPTED,
    "autoRenewTimeUnit": "",
    "autoRenewTime": 0,
    "cdsAutoRenew": False,
    "requestToken": "",
    "deployIdList": None,
}
GO_BY_SPEC = {
    "imageId": IMAGE,
    "spec": "bcc.g5.c2m8",
    "rootDiskSizeInGb": 40,
    "rootDiskStorageType": "",
    "createCdsList": None,
    "name": "made",
    "hostname": "",
    "adminPass": "",
    "keypairId": "",
    "zoneName": "",
    "billing": {"paymentTiming": "Postpaid"},
    "subnetId": "",
    "tags": None,
    "deployIdList": None,
    "internalIps": None,
    "keepImageLogin": False,
}
NEW_PYTHON = {
    "imageId": IMAGE,
    "spec": "bcc.g5.c2m8",
    "name": "made",
    "adminPass": "Abcd1234!",
    "billing": {"paymentTiming": "Postpaid", "reservation": None},
    "zoneName": None,
    "purchaseCount": None,
    "rootDiskSizeInGb": None,
    "keypairId": None,
}
JAVASCRIPT = {"imageId": IMAGE, "cpuCount": 2, "memoryCapacityInGB": 8, "name": "made"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("POST", "/v2/instance?clientToken=5a3e", OLD_PYTHON),
        lambda: python("POST", "/v2/instanceBySpec?clientToken=5a3e", OLD_PYTHON_BY_SPEC),
        lambda: go("POST", "/v2/instance", GO),
        lambda: go("POST", "/v2/instanceBySpec", GO_BY_SPEC),
        lambda: go("POST", "/v2/instanceBySpec?clientToken=5a3e", GO_BY_SPEC),
        lambda: new_python("POST", "/v2/instanceBySpec", NEW_PYTHON),
        lambda: javascript("POST", "/v1/instance?clientToken=5a3e", JAVASCRIPT),
        lambda: javascript(
            "POST", "/v1/instance?clientToken=5a%2d3e", JAVASCRIPT, "clientToken=5a-3e"
        ),
    ],
)
def test_making_an_instance(ask):
    (instance_id,) = done(ask())["instanceIds"]

    made = Instance.objects.get(name="made")
    assert (made.instance_id, made.spec) == (instance_id, "bcc.g5.c2m8")


def test_the_javascript_sdk_asks_for_a_token_first():
    token = done(javascript("POST", "/v1/token/create"))["token"]
    wire = f"/v1/instance?clientToken={token.replace('-', '%2d')}"

    first = done(javascript("POST", wire, JAVASCRIPT, f"clientToken={token}"))

    assert done(javascript("POST", wire, JAVASCRIPT, f"clientToken={token}")) == first


PATH = f"/v2/instance/{INSTANCE}"
OF_JAVASCRIPT = f"/v1/instance/{INSTANCE}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("PUT", PATH + "?start="),
        lambda: new_python("PUT", PATH + "?start="),
        lambda: go("PUT", PATH + "?start", None, "start="),
        lambda: javascript("PUT", OF_JAVASCRIPT + "?start="),
        lambda: python(
            "PUT",
            "/v2/instance/batchAction?clientToken=5a3e&start=",
            {"instanceIds": [INSTANCE]},
        ),
        lambda: go("PUT", "/v2/instance/batchAction?start", {"instanceIds": [INSTANCE]}, "start="),
        lambda: new_python("PUT", "/v2/instance/batchAction?start=", {"instanceIds": [INSTANCE]}),
    ],
)
def test_starting(settings, ask):
    Instance.objects.update(settled_status="Stopped")
    settings.INSTANCE_START_SECONDS = 60

    assert done(ask()) == {}
    assert Instance.objects.get().status == "Starting"


NO_FORCE = {"forceStop": False, "stopWithNoCharge": False}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("PUT", PATH + "?stop=", NO_FORCE),
        lambda: new_python("PUT", PATH + "?stop=", {}),
        lambda: go("PUT", PATH + "?stop", NO_FORCE, "stop="),
        lambda: javascript("PUT", OF_JAVASCRIPT + "?stop="),
        lambda: python(
            "PUT",
            "/v2/instance/batchAction?clientToken=5a3e&stop=",
            {"instanceIds": [INSTANCE]},
        ),
        lambda: go(
            "PUT",
            "/v2/instance/batchAction?stop",
            {"instanceIds": [INSTANCE], **NO_FORCE},
            "stop=",
        ),
    ],
)
def test_stopping(settings, ask):
    settings.INSTANCE_STOP_SECONDS = 60

    assert done(ask()) == {}
    assert Instance.objects.get().status == "Stopping"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("PUT", PATH + "?reboot=", {"forceStop": False}),
        lambda: go("PUT", PATH + "?reboot", {"forceStop": True}, "reboot="),
        lambda: javascript("PUT", OF_JAVASCRIPT + "?reboot="),
    ],
)
def test_rebooting(settings, ask):
    settings.INSTANCE_START_SECONDS = 60

    assert done(ask()) == {}
    assert Instance.objects.get().status == "Starting"


GO_REBUILD = {
    "imageId": IMAGE,
    "adminPass": ENCRYPTED,
    "keypairId": "",
    "isOpenHostEye": False,
    "isPreserveData": False,
    "cleanLastUserData": None,
    "keepImageLogin": False,
}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("PUT", PATH + "?rebuild=", {"imageId": IMAGE, "adminPass": ENCRYPTED}),
        lambda: python("PUT", PATH + "?rebuild=", {"imageId": IMAGE, "keepImageLogin": True}),
        lambda: new_python("PUT", PATH + "?rebuild=", {"imageId": IMAGE, "adminPass": "Abcd1234!"}),
        lambda: go("PUT", PATH + "?rebuild", GO_REBUILD, "rebuild="),
        lambda: go(
            "PUT",
            PATH + "?rebuild",
            GO_REBUILD | {"adminPass": "", "keepImageLogin": True},
            "rebuild=",
        ),
        lambda: python(
            "PUT",
            "/v2/instance/rebuild?clientToken=5a3e",
            {"imageId": IMAGE, "instanceIds": [INSTANCE], "adminPass": ENCRYPTED},
        ),
        lambda: go("PUT", "/v2/instance/rebuild", GO_REBUILD | {"instanceIds": [INSTANCE]}),
    ],
)
def test_rebuilding(ask):
    assert done(ask()) == {}
    assert Instance.objects.get().image_id == IMAGE


RELATED = {
    "relatedReleaseFlag": True,
    "deleteCdsSnapshotFlag": True,
    "deleteRelatedEnisFlag": True,
    "bccRecycleFlag": False,
    "deleteImmediate": True,
}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: python("DELETE", PATH),
        lambda: go("DELETE", PATH),
        lambda: javascript("DELETE", OF_JAVASCRIPT),
        lambda: python("POST", PATH + "?clientToken=5a3e", RELATED),
        lambda: go("POST", PATH, RELATED),
        lambda: new_python("POST", PATH, RELATED),
    ],
)
def test_releasing(ask):
    assert done(ask()) == {}
    assert not Instance.objects.live().exists()


# Regions


def test_regions_and_zones():
    for sdk in (python, new_python, go):
        said = done(sdk("POST", "/v2/region/describeRegions", {"region": "bj"}))
        assert [each["regionId"] for each in said["regions"]] == ["bj"]
        assert len(done(sdk("GET", "/v2/zone"))["zones"]) == 3


# What a server or a proxy may make of a request


@pytest.mark.parametrize("length", ["0", "", None])
def test_a_length_of_nothing_that_is_dropped_on_its_way(length):
    canonical = ["GET", "/v2/image", "", "content-length:0", SIGNED_HOST, SIGNED_DATE]
    headers = signed(canonical, "", {"Host": HOST, "x-bce-date": TIME})
    if length is not None:
        headers["Content-Length"] = length

    assert ids(send("GET", "/v2/image", headers), "images") == [IMAGE]


def test_a_security_token_is_signed_like_every_header_of_bce():
    lines = ["content-length:0", SIGNED_HOST, SIGNED_DATE, "x-bce-security-token:abc"]
    headers = {"Host": HOST, "x-bce-date": TIME, "Content-Length": "0"}
    headers["x-bce-security-token"] = "abc"

    good = signed(["GET", "/v2/image", "", *lines], "", headers)
    done(send("GET", "/v2/image", good))
    answer = send("GET", "/v2/image", good | {"x-bce-security-token": "abd"})
    assert refusal(answer)[1] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("target", "canonical_query"),
    [
        ("/v2/image?maxKeys=10&imageType=All", "imageType=All&maxKeys=10"),
        ("/v2/image?&&maxKeys=10&", "maxKeys=10"),
        ("/v2/image?maxKeys=10&authorization=x", "maxKeys=10"),
        ("/v2/image?%6daxKeys=%31%30", "maxKeys=10"),
    ],
)
def test_one_query_in_many_spellings(target, canonical_query):
    said = done(python("GET", target, None, canonical_query))

    assert said["maxKeys"] == 10
    assert [row["id"] for row in said["images"]] == [IMAGE]


@pytest.mark.parametrize(
    "path", ["/v2/image/m%2Dnky7qeom", "/v2/%69mage/m-nky7qeom", "/v2/image/%6d-nky7qeom"]
)
def test_one_path_in_many_spellings(path):
    """Go and Java sign the decoded path; what is not decoded here is not found either."""
    canonical = ["GET", f"/v2/image/{IMAGE}", "", SIGNED_HOST, SIGNED_DATE]
    headers = signed(canonical, "host;x-bce-date", {"Host": HOST, "x-bce-date": TIME})

    assert done(send("GET", path, headers))["image"]["id"] == IMAGE


@pytest.mark.parametrize("path", ["/v2/image/m-é", "/v2/image/m-中"])
def test_a_path_with_other_letters_is_signed_like_any(path):
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
