"""Request bodies that cannot be parsed or have a wrong field."""

from __future__ import annotations

import json

import pytest

from images.models import Image, Instance

from ...factories import (
    AccountFactory,
    ImageFactory,
    RegionFactory,
)
from .programs import (
    MALFORMED,
    create_image_and_instance,
    done,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db


def test_a_body_that_is_too_large_is_refused(program):
    body = b'{"account": "%s"}' % (b"x" * 5_000_000)

    assert refusal(program("POST", "/v2/image/m-abcdefgh", body, share="")) == (
        413,
        "EntityTooLarge",
        "The request body is too large.",
    )


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "10000000000000000000000", " 5"])
def test_a_malformed_content_length_is_refused(program, length):
    headers = program.signed("GET", "/v2/image", b"", {}, {}) | {"Content-Length": length}

    assert 400 <= send("GET", "/v2/image", headers).status_code < 500


def test_a_chunked_body_is_refused(program, account):
    path = f"/v2/image/{ImageFactory.create(owner=account).image_id}"
    headers = program.signed("POST", path, b"", {"share": ""}, {})
    del headers["Content-Length"]
    headers["Transfer-Encoding"] = "chunked"

    assert refusal(send("POST", path + "?share=", headers, b'{"account": "x"}')) == (
        411,
        "MissingContentLength",
        "The request must have a Content-Length header.",
    )


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "x",
        '{"account": }',
        "{'account': 'x'}",
        '{"account": "x"} trailing',
        '{"account": "\n"}',
        '{"account": "\\ud800"}',
        '{"account": "\\udfff"}',
        '{"other": "\\ud800"}',
        b'{"account": "\xff"}',
        b'{"account": "\xed\xa0\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        "[" * 50_000,
        '{"a":' * 50_000,
        " ",
    ],
)
def test_a_body_that_is_not_json_is_refused(program, account, body):
    path = f"/v2/image/{ImageFactory.create(owner=account).image_id}"

    assert refusal(program("POST", path, body, share="")) == MALFORMED


@pytest.mark.parametrize("body", ["[]", "3", '"x"', "null", "true", "[{}]", "1e999", "1" * 4000])
def test_json_that_is_not_an_object_is_refused(program, account, body):
    path = f"/v2/image/{ImageFactory.create(owner=account).image_id}"

    status, code, _message = refusal(program("POST", path, body, share=""))

    assert (status, code) == (400, "InappropriateJSON")


WRONG: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "/v2/image/{image}?share", {"account": 7}),
    ("POST", "/v2/image/{image}?share", {"accountId": ["x"]}),
    ("POST", "/v2/image/{image}?share", {"ucAccount": {"x": 1}}),
    ("POST", "/v2/image/{image}?unshare", {"account": True}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": "x", "destRegion": "gz"}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": "x", "destRegion": [7]}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": 7, "destRegion": ["gz"]}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": "x"}),
    ("POST", "/v2/image/{image}?remoteCopy", {"destRegion": ["gz"] * 101}),
    ("POST", "/v2/image/{image}?remoteCopy", {"destRegion": []}),
    ("POST", "/v2/image", {"imageName": 7, "instanceId": "{instance}"}),
    ("POST", "/v2/image", {"imageName": "x", "instanceId": 7}),
    ("POST", "/v2/image", {"instanceId": "{instance}"}),
    ("POST", "/v2/image", {"imageName": "x"}),
    ("POST", "/v2/image", {"imageName": None, "instanceId": "{instance}"}),
    ("PUT", "/v2/image/rename", {"imageId": "{image}"}),
    ("PUT", "/v2/image/rename", {"name": "x"}),
    ("PUT", "/v2/image/rename", {"imageId": 7, "name": "x"}),
    ("POST", "/v2/image/os", {"instanceIds": "{instance}"}),
    ("POST", "/v2/image/os", {"instanceIds": [None]}),
    ("POST", "/v2/image/os", {"instanceIds": ["x"] * 101}),
    ("POST", "/v2/instance/listByInstanceId", {"instanceIds": {}}),
    ("POST", "/v2/instance/listByInstanceId", {"instanceIds": ["x"] * 101}),
    ("PUT", "/v2/instance/batchAction?start", {}),
    ("PUT", "/v2/instance/batchAction?start", {"instanceIds": []}),
    ("PUT", "/v2/instance/batchAction?stop", {"instanceIds": ["x"] * 101}),
    ("PUT", "/v2/instance/rebuild", {"imageId": "{image}", "instanceIds": []}),
    ("PUT", "/v2/instance/rebuild", {"instanceIds": ["{instance}"], "keepImageLogin": True}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"adminPass": "Abcd1234!"}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": 7, "adminPass": "Abcd1234!"}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": "{image}", "adminPass": 12345678}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": "{image}", "keepImageLogin": "yes"}),
    ("POST", "/v2/instance", {"imageId": "{image}", "cpuCount": "2", "memoryCapacityInGB": 8}),
    ("POST", "/v2/instance", {"imageId": "{image}", "cpuCount": 2.5, "memoryCapacityInGB": 8}),
    ("POST", "/v2/instance", {"imageId": "{image}", "cpuCount": 2, "memoryCapacityInGB": 10**30}),
    ("POST", "/v2/instance", {"imageId": "{image}", "cpuCount": -2, "memoryCapacityInGB": 8}),
    ("POST", "/v2/instance", {"imageId": "{image}"}),
    ("POST", "/v2/instance", {"cpuCount": 2, "memoryCapacityInGB": 8}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": 7}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": "bcc.g5.c2m8", "billing": []}),
    (
        "POST",
        "/v2/instanceBySpec",
        {"imageId": "{image}", "spec": "bcc.g5.c2m8", "billing": {"paymentTiming": "Free"}},
    ),
    (
        "POST",
        "/v2/instanceBySpec",
        {"imageId": "{image}", "spec": "bcc.g5.c2m8", "purchaseCount": "1"},
    ),
    (
        "POST",
        "/v2/instanceBySpec",
        {"imageId": "{image}", "spec": "bcc.g5.c2m8", "purchaseCount": 10**9},
    ),
    (
        "POST",
        "/v2/instanceBySpec",
        {"imageId": "{image}", "spec": "bcc.g5.c2m8", "rootDiskSizeInGb": 10**400},
    ),
    ("POST", "/v2/region/describeRegions", {"region": 7}),
]


def fill_placeholders(value):
    text = json.dumps(value)
    return json.loads(text.replace("{image}", "m-abcdefgh").replace("{instance}", "i-abcdefgh"))


def send_call(program, method, target, body):
    path, _, verb = fill_placeholders(target).partition("?")
    return program(method, path, body, **({verb: ""} if verb else {}))


@pytest.mark.parametrize(("method", "target", "body"), WRONG)
def test_a_wrong_field_is_refused(program, account, method, target, body):
    create_image_and_instance(account)
    before = rows()

    status, code, message = refusal(send_call(program, method, target, fill_placeholders(body)))

    assert (status, code) == (400, "InappropriateJSON")
    assert "12345678" not in message
    assert rows() == before


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Image, Instance)]


TEXTS: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "/v2/image/{image}?share", {"account": "X"}),
    ("POST", "/v2/image/{image}?share", {"accountId": "X"}),
    ("POST", "/v2/image/{image}?share", {"ucAccount": "X"}),
    ("POST", "/v2/image/{image}?unshare", {"account": "X"}),
    ("POST", "/v2/image/{image}?unshare", {"accountId": "X"}),
    ("POST", "/v2/image/{image}?unshare", {"ucAccount": "X"}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": "X", "destRegion": ["gz"]}),
    ("POST", "/v2/image/{image}?remoteCopy", {"name": "x", "destRegion": ["X"]}),
    ("POST", "/v2/image", {"imageName": "X", "instanceId": "{instance}"}),
    ("POST", "/v2/image", {"imageName": "x", "instanceId": "X"}),
    ("POST", "/v2/image", {"imageName": "x", "snapshotId": "X"}),
    ("PUT", "/v2/image/rename", {"imageId": "{image}", "name": "X"}),
    ("PUT", "/v2/image/rename", {"imageId": "X", "name": "x"}),
    ("POST", "/v2/image/os", {"instanceIds": ["X"]}),
    ("PUT", "/v2/instance/batchAction?start", {"instanceIds": ["X"]}),
    ("PUT", "/v2/instance/rebuild", {"imageId": "X", "instanceIds": ["{instance}"]}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": "X", "adminPass": "Abcd1234!"}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": "{image}", "adminPass": "X"}),
    ("PUT", "/v2/instance/{instance}?rebuild", {"imageId": "{image}", "keypairId": "X"}),
    ("POST", "/v2/instanceBySpec", {"imageId": "X", "spec": "bcc.g5.c2m8"}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": "X"}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": "bcc.g5.c2m8", "name": "X"}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": "bcc.g5.c2m8", "zoneName": "X"}),
    ("POST", "/v2/instanceBySpec", {"imageId": "{image}", "spec": "bcc.g5.c2m8", "adminPass": "X"}),
]


@pytest.mark.parametrize(
    "text",
    ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00x", "x" * 300_000, "%", "'\\\"\\\\;--", "\\uffff"],
    ids=["nul", "nul-inside", "surrogate", "low-surrogate", "long", "percent", "quotes", "ffff"],
)
@pytest.mark.parametrize("call", TEXTS)
def test_unusual_text_is_refused(program, account, call, text):
    method, target, body = call
    create_image_and_instance(account)
    RegionFactory.create(code="gz")
    before = rows()

    text_body = json.dumps(fill_placeholders(body)).replace('"X"', f'"{text}"')
    status, _code, _message = refusal(send_call(program, method, target, text_body))

    assert status in {400, 404, 409}
    assert rows() == before


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0000b"])
@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/v2/instance/listByInstanceId", {"instanceIds": ["X"]}),
        ("/v2/region/describeRegions", {"region": "X"}),
    ],
)
def test_nul_is_refused_where_other_text_matches_nothing(program, target, body, text):
    text_body = json.dumps(body).replace("X", text)

    assert refusal(program("POST", target, text_body))[:2] == (400, "InappropriateJSON")


def test_unknown_fields_and_nulls_are_accepted(program, account):
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create()
    body = {"account": recipient.name, "accountId": None, "ucAccount": None, "x": {"y": [None]}}

    done(program("POST", f"/v2/image/{image.image_id}", body, share=""))

    assert image.grants.get().recipient == recipient


def test_the_last_of_two_fields_with_the_same_name_counts(program, account):
    image = ImageFactory.create(owner=account)
    first, second = AccountFactory.create_batch(2)
    body = f'{{"account": "{first.name}", "account": "{second.name}"}}'

    done(program("POST", f"/v2/image/{image.image_id}", body, share=""))

    assert image.grants.get().recipient == second
