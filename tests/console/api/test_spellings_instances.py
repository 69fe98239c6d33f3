"""The requests of each official SDK to create, change and release instances."""

from __future__ import annotations

import pytest

from images.models import Instance

from .programs import done
from .sdks import IMAGE, INSTANCE, go, javascript, new_python, python

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

ENCRYPTED = "3ccefba41cc272edb031c0571e343fe9"

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
    "name": "created",
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
    "name": "created",
    "adminPass": ENCRYPTED,
    "autoRenewTimeUnit": "month",
    "cdsAutoRenew": None,
}


GO = {
    "imageId": IMAGE,
    "billing": {},
    "cpuCount": 2,
    "memoryCapacityInGB": 8,
    "name": "created",
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
    "name": "created",
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
    "name": "created",
    "adminPass": "Abcd1234!",
    "billing": {"paymentTiming": "Postpaid", "reservation": None},
    "zoneName": None,
    "purchaseCount": None,
    "rootDiskSizeInGb": None,
    "keypairId": None,
}


JAVASCRIPT = {"imageId": IMAGE, "cpuCount": 2, "memoryCapacityInGB": 8, "name": "created"}


@pytest.mark.parametrize(
    "call",
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
def test_each_sdk_creates_an_instance(call):
    (instance_id,) = done(call())["instanceIds"]

    instance = Instance.objects.get(name="created")
    assert (instance.instance_id, instance.spec) == (instance_id, "bcc.g5.c2m8")


def test_the_javascript_sdk_creates_a_client_token_first():
    token = done(javascript("POST", "/v1/token/create"))["token"]
    target = f"/v1/instance?clientToken={token.replace('-', '%2d')}"

    first = done(javascript("POST", target, JAVASCRIPT, f"clientToken={token}"))

    assert done(javascript("POST", target, JAVASCRIPT, f"clientToken={token}")) == first


PATH = f"/v2/instance/{INSTANCE}"
JAVASCRIPT_PATH = f"/v1/instance/{INSTANCE}"


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("PUT", PATH + "?start="),
        lambda: new_python("PUT", PATH + "?start="),
        lambda: go("PUT", PATH + "?start", None, "start="),
        lambda: javascript("PUT", JAVASCRIPT_PATH + "?start="),
        lambda: python(
            "PUT",
            "/v2/instance/batchAction?clientToken=5a3e&start=",
            {"instanceIds": [INSTANCE]},
        ),
        lambda: go("PUT", "/v2/instance/batchAction?start", {"instanceIds": [INSTANCE]}, "start="),
        lambda: new_python("PUT", "/v2/instance/batchAction?start=", {"instanceIds": [INSTANCE]}),
    ],
)
def test_each_sdk_starts_an_instance(settings, call):
    Instance.objects.update(settled_status="Stopped")
    settings.INSTANCE_START_SECONDS = 60

    assert done(call()) == {}
    assert Instance.objects.get().status == "Starting"


NO_FORCE = {"forceStop": False, "stopWithNoCharge": False}


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("PUT", PATH + "?stop=", NO_FORCE),
        lambda: new_python("PUT", PATH + "?stop=", {}),
        lambda: go("PUT", PATH + "?stop", NO_FORCE, "stop="),
        lambda: javascript("PUT", JAVASCRIPT_PATH + "?stop="),
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
def test_each_sdk_stops_an_instance(settings, call):
    settings.INSTANCE_STOP_SECONDS = 60

    assert done(call()) == {}
    assert Instance.objects.get().status == "Stopping"


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("PUT", PATH + "?reboot=", {"forceStop": False}),
        lambda: go("PUT", PATH + "?reboot", {"forceStop": True}, "reboot="),
        lambda: javascript("PUT", JAVASCRIPT_PATH + "?reboot="),
    ],
)
def test_each_sdk_reboots_an_instance(settings, call):
    settings.INSTANCE_START_SECONDS = 60

    assert done(call()) == {}
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
    "call",
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
def test_each_sdk_rebuilds_an_instance(call):
    assert done(call()) == {}
    assert Instance.objects.get().image_id == IMAGE


RELATED = {
    "relatedReleaseFlag": True,
    "deleteCdsSnapshotFlag": True,
    "deleteRelatedEnisFlag": True,
    "bccRecycleFlag": False,
    "deleteImmediate": True,
}


@pytest.mark.parametrize(
    "call",
    [
        lambda: python("DELETE", PATH),
        lambda: go("DELETE", PATH),
        lambda: javascript("DELETE", JAVASCRIPT_PATH),
        lambda: python("POST", PATH + "?clientToken=5a3e", RELATED),
        lambda: go("POST", PATH, RELATED),
        lambda: new_python("POST", PATH, RELATED),
    ],
)
def test_each_sdk_releases_an_instance(call):
    assert done(call()) == {}
    assert not Instance.objects.live().exists()
