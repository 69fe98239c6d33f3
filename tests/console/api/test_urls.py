"""Every operation of the API, called for another account's objects and for none."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from images.models import Image, Instance, ShareGrant

from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db

FORCE = {"forceStop": False}
LOGIN = {"adminPass": "Golden2026!"}
SPEC = {"spec": "bcc.g5.c2m8"}
NO_OBJECT = {
    "GET v2/openapi.json": "the document",
    "GET v2/image": "a list of what the account sees",
    "GET v2/instance": "a list of what the account has",
    "GET v1/image": "a list of what the account sees",
    "GET v1/instance": "a list of what the account has",
    "POST v2/image/import": "not offered",
    "POST v2/region/describeRegions": "the regions",
    "GET v2/zone": "the zones",
    "POST v1/token/create": "a new token",
}
# The body of each operation on an object. IMAGE and INSTANCE stand for IDs.
WITH_OBJECT = {
    "POST v2/image": {"imageName": "new", "instanceId": "INSTANCE"},
    "PUT v2/image/rename": {"imageId": "IMAGE", "name": "new"},
    "POST v2/image/os": {"instanceIds": ["INSTANCE"]},
    "GET v2/image/IMAGE": None,
    "POST v2/image/IMAGE?share": {"account": "thief"},
    "POST v2/image/IMAGE?unshare": {"account": "friend"},
    "POST v2/image/IMAGE?remoteCopy": {"name": "new", "destRegion": ["gz"]},
    "POST v2/image/IMAGE?cancelRemoteCopy": {},
    "DELETE v2/image/IMAGE": None,
    "GET v2/image/IMAGE/sharedUsers": None,
    "POST v2/instance": {"imageId": "IMAGE", "cpuCount": 2, "memoryCapacityInGB": 8},
    "POST v2/instanceBySpec": {"imageId": "IMAGE", **SPEC},
    "POST v2/instance/listByInstanceId": {"instanceIds": ["INSTANCE"]},
    "PUT v2/instance/rebuild": {"imageId": "IMAGE", "instanceIds": ["INSTANCE"], **LOGIN},
    "PUT v2/instance/batchAction?start": {"instanceIds": ["INSTANCE"]},
    "PUT v2/instance/batchAction?stop": {"instanceIds": ["INSTANCE"], **FORCE},
    "POST v1/instance": {"imageId": "IMAGE", "cpuCount": 2, "memoryCapacityInGB": 8},
    **{
        f"{method} {version}/instance/INSTANCE{verb}": body
        for version in ("v1", "v2")
        for method, verb, body in (
            ("GET", "", None),
            ("PUT", "?start", {}),
            ("PUT", "?stop", FORCE),
            ("PUT", "?reboot", FORCE),
            ("PUT", "?rebuild", {"imageId": "IMAGE", **LOGIN}),
            ("DELETE", "", None),
            ("POST", "", {}),
        )
    },
}


def get_operations():
    """Yield the method, path and verb of every operation."""
    for entry in get_resolver("console.api.urls").url_patterns:
        route = str(entry.pattern)
        path = route.replace("<image_id>", "IMAGE").replace("<instance_id>", "INSTANCE")
        for name in getattr(entry.callback, "handlers", {"GET": None}):
            method, _space, verb = name.partition(" ")
            yield f"{method} {path}{verb}"


def replace(value, ids):
    if isinstance(value, dict):
        return {key: replace(each, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [replace(each, ids) for each in value]
    for name, text in ids.items():
        value = value.replace(name, text) if isinstance(value, str) else value
    return value


def call(program, operation, ids):
    """Return the status and the body, without the ID of the request."""
    method, _space, target = replace(operation, ids).partition(" ")
    path, _mark, verb = target.partition("?")
    body = replace(WITH_OBJECT[operation], ids)
    answer = program(method, f"/{path}", body, **({verb: ""} if verb else {}))
    content = {key: value for key, value in answer.json().items() if key != "requestId"}
    return answer.status_code, content


@pytest.fixture
def theirs():
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    image = ImageFactory.create(name="golden")
    ShareGrantFactory.create(image=image, recipient__name="friend")
    instance = InstanceFactory.create(owner=image.owner, image=image)
    return {"INSTANCE": instance.instance_id, "IMAGE": image.image_id}


def read_rows():
    models = (Image, Instance, ShareGrant)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_every_operation_is_named():
    assert set(get_operations()) == NO_OBJECT.keys() | WITH_OBJECT.keys()


@pytest.mark.parametrize("operation", WITH_OBJECT)
def test_each_operation_hides_what_belongs_to_another_account(program_for, theirs, operation):
    program = program_for(AccountFactory.create(name="thief"))
    none = {"INSTANCE": "i-zzzzzzzz", "IMAGE": "m-zzzzzzzz"}
    before = read_rows()

    answers = [call(program, operation, ids) for ids in (theirs, none)]

    assert answers[0] == answers[1]
    assert answers[0][0] == (200 if "listBy" in operation else 404)
    assert read_rows() == before


@pytest.mark.parametrize("operation", [name for name in WITH_OBJECT if "rebuild" in name])
def test_an_own_instance_is_not_rebuilt_from_the_image_of_another(
    account, program_for, theirs, operation
):
    own = {"INSTANCE": InstanceFactory.create(owner=account).instance_id}
    program = program_for(account)
    PublicImageFactory.create()
    before = read_rows()

    answers = [
        call(program, operation, own | {"IMAGE": image})
        for image in (theirs["IMAGE"], "m-zzzzzzzz")
    ]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert read_rows() == before
