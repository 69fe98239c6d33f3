"""What holds for every call: the signature, the shape of answers, what cannot be read, failures."""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import b64encode
from dataclasses import replace
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from accounts import keys
from accounts.models import AuditEvent
from images.models import Image, Instance

from ...factories import (
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from .programs import (
    DENIED,
    MALFORMED,
    NO_SUCH_OBJECT,
    Program,
    authorization,
    done,
    now,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db

NO_SUCH_KEY = (
    403,
    "InvalidAccessKeyId",
    "The Access Key ID you provided does not exist in our records.",
)
BAD_HEADER = (
    400,
    "InvalidHTTPAuthHeader",
    "The HTTP authorization header is invalid. Consult the service documentation for details.",
)
NO_MATCH = (
    400,
    "SignatureDoesNotMatch",
    (
        "The request signature we calculated does not match the signature you provided. "
        "Check your Secret Access Key and signing method. "
        "Consult the service documentation for details."
    ),
)
BAD_BODY = (
    400,
    "InvalidHTTPRequest",
    "There was an error in the body of your HTTP request.",
)
INTERNAL = (500, "InternalError", "We encountered an internal error Please try again.")
NO_SUCH_VERSION = (404, "InvalidVersion", "The API version specified was invalid.")

NOON = "2026-11-23T12:00:00Z"
AT_NOON = 1795435200


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


# Who asks


def test_a_good_signature_is_heard(program):
    assert done(program("GET", "/v2/image")) == {
        "marker": "",
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [],
    }


def test_without_a_signature(program):
    assert refusal(send("GET", "/v2/image", {"Host": program.host})) == DENIED


def test_with_an_empty_signature(program):
    headers = {"Host": program.host, "Authorization": ""}

    assert refusal(send("GET", "/v2/image", headers)) == DENIED


def test_a_session_of_the_console_is_no_signature(account):
    browser = Client()
    browser.force_login(UserFactory.create(account=account))

    answer = browser.get("/v2/image")

    assert answer.status_code == 403
    assert answer.json()["code"] == "AccessDenied"


@pytest.mark.parametrize("text", ["Basic eDp5", "bce-auth-v1/", "x" * 20_000, "\xff", "/"])
def test_what_is_no_signature(program, text):
    headers = {"Host": program.host, "Authorization": text}

    assert refusal(send("GET", "/v2/image", headers)) == BAD_HEADER


def test_another_secret(account, program_for):
    program = program_for(account, secret="f" * 32)

    assert refusal(program("GET", "/v2/image")) == NO_MATCH


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v2/instance", b""),
        ("POST", "/v2/image", b""),
        ("GET", "/v2/image?imageType=All", b""),
        ("GET", "/v2/image", b"{}"),
    ],
)
def test_another_request_than_was_signed(program, method, target, body):
    headers = program.signed("GET", "/v2/image", b"", {}, {})
    headers["Content-Length"] = str(len(body))

    assert refusal(send(method, target, headers, body)) == NO_MATCH


def test_another_host_than_was_signed(program):
    headers = program.signed("GET", "/v2/image", b"", {}, {}) | {"Host": "bcc.gz.example"}

    assert refusal(send("GET", "/v2/image", headers)) == NO_MATCH


def test_an_unknown_key(program, account):
    unknown = AccessKeyFactory.build(key_id="f" * 32)

    assert refusal(Program(unknown)("GET", "/v2/image")) == NO_SUCH_KEY


@pytest.mark.parametrize("key_id", ["F" * 32, "x", "0" * 31])
def test_a_key_that_is_none(program, key_id):
    program.key.key_id = key_id

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_a_disabled_key(program):
    assert done(program("GET", "/v2/image"))

    program.key.is_active = False
    program.key.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_an_inactive_person(program):
    assert done(program("GET", "/v2/image"))

    program.key.user.is_active = False
    program.key.user.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_a_person_without_an_account(program):
    program.key.user.account = None
    program.key.user.is_staff = True
    program.key.user.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


@pytest.mark.parametrize(
    ("ago", "seconds", "answer"),
    [
        (1800, 1800, None),
        (1801, 1800, "RequestExpired"),
        (61, 60, "RequestExpired"),
        (86_400, 315_360_000, None),
        (86_401, 315_360_000, "RequestExpired"),
        (-1800, 1800, None),
        (-1801, 1800, "RequestTimeTooSkewed"),
    ],
)
def test_the_time_of_a_signature(program, clock, ago, seconds, answer):
    headers = program.signed("GET", "/v2/image", b"", {}, {}, at=AT_NOON - ago, seconds=seconds)

    got = send("GET", "/v2/image", headers)

    assert got.json().get("code") == answer


def test_an_expired_signature_is_told_its_time(program, clock):
    headers = program.signed("GET", "/v2/image", b"", {}, {}, at=AT_NOON - 7200)

    assert refusal(send("GET", "/v2/image", headers)) == (
        400,
        "RequestExpired",
        "Request has expired. Timestamp date is 2026-11-23T10:00:00Z.",
    )


@pytest.mark.parametrize("date", ["2026-11-23T12:30:01Z", "2026-11-23T11:29:59Z"])
def test_a_date_that_is_too_far_away(program, clock, date):
    answer = program("GET", "/v2/image", headers={"x-bce-date": date})

    assert refusal(answer) == (
        403,
        "RequestTimeTooSkewed",
        "The time of this request is more than 30 minutes away from the server's.",
    )


@pytest.mark.parametrize("date", ["2026-11-23T12:30:00Z", "2026-11-23T11:30:00Z"])
def test_a_date_that_is_just_near_enough(program, clock, date):
    done(program("GET", "/v2/image", headers={"x-bce-date": date}))


def test_a_date_that_is_none(program):
    assert refusal(program("GET", "/v2/image", headers={"x-bce-date": "noon"})) == BAD_HEADER


def test_a_key_is_marked_as_used_and_only_by_a_good_signature(program):
    Program(program.key, secret="f" * 32)("GET", "/v2/image")
    program.key.refresh_from_db()
    assert program.key.last_used_at is None

    program("GET", "/v2/image")

    program.key.refresh_from_db()
    assert program.key.last_used_at is not None


def test_rights_that_are_taken_away_end_at_once(program, account):
    grant = ShareGrantFactory.create(recipient=account)
    path = f"/v2/image/{grant.image.image_id}"
    assert done(program("GET", path))

    grant.delete()

    assert refusal(program("GET", path)) == NO_SUCH_OBJECT


# Digests of the body


def md5(body):
    return b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": md5(b"{}")},
        {"x-bce-content-sha256": hashlib.sha256(b"{}").hexdigest()},
        {"x-bce-content-sha256": hashlib.sha256(b"{}").hexdigest().upper()},
    ],
)
def test_a_digest_that_is_right(program, headers):
    done(program("POST", "/v2/instance/listByInstanceId", b"{}", headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": md5(b"[]")},
        {"Content-MD5": "x"},
        {"x-bce-content-sha256": hashlib.sha256(b"[]").hexdigest()},
        {"x-bce-content-sha256": "x"},
        {"Content-MD5": md5(b"{}"), "x-bce-content-sha256": "0" * 64},
    ],
)
def test_a_digest_that_is_wrong(program, headers):
    answer = program("POST", "/v2/instance/listByInstanceId", b"{}", headers=headers)

    assert refusal(answer) == BAD_BODY


def test_a_body_that_was_exchanged_for_another_of_its_length(program, account):
    image = ImageFactory.create(owner=account)
    first, second = AccountFactory.create_batch(2)
    path = f"/v2/image/{image.image_id}"
    was, is_now = (json.dumps({"accountId": a.account_id}).encode() for a in (first, second))
    headers = program.signed("POST", path, was, {"share": ""}, {"Content-MD5": md5(was)})

    assert refusal(send("POST", path + "?share", headers, is_now)) == BAD_BODY
    assert not image.grants.exists()


# What is not there


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v2",
        "/v2/",
        "/v2/images",
        "/v2/image/",
        "/v2/image/m-abcdefgh/",
        "/v2/image/m-abcdefgh/sharedUsers/",
        "/v2/image/m-abcdefgh/nothing",
        "/v2/instance/i-abcdefgh/vnc",
        "/v2/zone/",
        "/v2/sign-in/",
        "/v2/openapi.json/",
        "/v1/zone",
        "/v1/image/m-abcdefgh",
        "/v2/../v2/image",
        "/v2//image",
        "/v2/" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_path_that_is_not_there(program, method, path):
    assert refusal(send(method, path, {"Host": program.host})) == NO_SUCH_OBJECT


@pytest.mark.parametrize("path", ["/v3/image", "/v0/image", "/v10", "/v3", "/v999999999999/x"])
def test_a_version_that_is_not_there(program, path):
    assert refusal(program("GET", path)) == NO_SUCH_VERSION
    assert refusal(send("POST", path, {})) == NO_SUCH_VERSION


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/v2/image"),
        ("PATCH", "/v2/image"),
        ("OPTIONS", "/v2/image"),
        ("TRACE", "/v2/image"),
        ("BREW", "/v2/image"),
        ("POST", "/v2/image/m-abcdefgh"),
        ("POST", "/v2/image/m-abcdefgh?nothing"),
        ("POST", "/v2/image/m-abcdefgh?Share"),
        ("PUT", "/v2/image/m-abcdefgh?share"),
        ("PUT", "/v2/instance/i-abcdefgh"),
        ("PUT", "/v2/instance/i-abcdefgh?bindTag"),
        ("GET", "/v2/instanceBySpec"),
        ("POST", "/v2/zone"),
        ("DELETE", "/v2/instance"),
        ("POST", "/v2/openapi.json"),
        ("PUT", "/v2/instance/batchAction"),
    ],
)
def test_a_method_or_a_verb_that_is_not_there(program, method, target):
    assert refusal(send(method, target, {"Host": program.host})) == (
        405,
        "MethodNotAllowed",
        "This path does not take this method and these parameters.",
    )


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("verb", ["whatever", "recovery", "modifyAttribute", "changePass"])
def test_an_unknown_verb_releases_nothing(program, account, method, verb):
    instance = InstanceFactory.create(owner=account)
    path = f"/v2/instance/{instance.instance_id}"

    assert program(method, path, {}, **{verb: ""}).status_code == 405
    assert program(method, path, {}, clientToken="x", **{verb: ""}).status_code == 405

    assert Instance.objects.live().get() == instance


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_an_unknown_verb_with_a_value_releases_nothing(program, account, method):
    instance = InstanceFactory.create(owner=account)

    answer = program(method, f"/v2/instance/{instance.instance_id}", whatever="1")

    assert answer.status_code == 405
    assert Instance.objects.live().get() == instance


def test_an_unknown_verb_deletes_no_image(program, account):
    image = ImageFactory.create(owner=account)

    answer = program("DELETE", f"/v2/image/{image.image_id}", whatever="")

    assert answer.status_code == 405
    assert Image.objects.get() == image


def test_a_request_for_the_whole_server():
    """OPTIONS * has no path; the API has no part in it, but it must not fall over it."""
    environ = {"REQUEST_METHOD": "OPTIONS", "PATH_INFO": "*"}

    assert Client(raise_request_exception=False).request(**environ).status_code < 500


# Bodies


def test_a_body_that_is_too_large(program):
    body = b'{"account": "%s"}' % (b"x" * 5_000_000)

    assert refusal(program("POST", "/v2/image/m-abcdefgh", body, share="")) == (
        413,
        "EntityTooLarge",
        "The body is larger than this console takes.",
    )


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "10000000000000000000000", " 5"])
def test_a_length_that_is_none(program, length):
    headers = program.signed("GET", "/v2/image", b"", {}, {}) | {"Content-Length": length}

    assert 400 <= send("GET", "/v2/image", headers).status_code < 500


def test_a_body_in_chunks(program, account):
    path = f"/v2/image/{ImageFactory.create(owner=account).image_id}"
    headers = program.signed("POST", path, b"", {"share": ""}, {})
    del headers["Content-Length"]
    headers["Transfer-Encoding"] = "chunked"

    assert refusal(send("POST", path + "?share=", headers, b'{"account": "x"}')) == (
        411,
        "MissingContentLength",
        "The body has to say its length first.",
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
def test_a_body_that_is_no_json(program, account, body):
    path = f"/v2/image/{ImageFactory.create(owner=account).image_id}"

    assert refusal(program("POST", path, body, share="")) == MALFORMED


@pytest.mark.parametrize("body", ["[]", "3", '"x"', "null", "true", "[{}]", "1e999", "1" * 4000])
def test_json_that_is_no_object(program, account, body):
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


def things_of(account):
    """An image and an instance of the account: what the placeholders of WRONG and TEXTS name."""
    image = ImageFactory.create(owner=account, image_id="m-abcdefgh")
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    return image


def filled(value):
    text = json.dumps(value)
    return json.loads(text.replace("{image}", "m-abcdefgh").replace("{instance}", "i-abcdefgh"))


def asked(program, method, target, body):
    path, _, verb = filled(target).partition("?")
    return program(method, path, body, **({verb: ""} if verb else {}))


@pytest.mark.parametrize(("method", "target", "body"), WRONG)
def test_a_field_that_is_wrong(program, account, method, target, body):
    things_of(account)
    before = rows()

    status, code, message = refusal(asked(program, method, target, filled(body)))

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
def test_a_text_that_is_strange(program, account, call, text):
    method, target, body = call
    things_of(account)
    RegionFactory.create(code="gz")
    before = rows()

    spelled = json.dumps(filled(body)).replace('"X"', f'"{text}"')
    status, _code, _message = refusal(asked(program, method, target, spelled))

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
def test_nul_where_nothing_is_found_otherwise(program, target, body, text):
    spelled = json.dumps(body).replace("X", text)

    assert refusal(program("POST", target, spelled))[:2] == (400, "InappropriateJSON")


def test_unknown_fields_and_nulls_are_taken(program, account):
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create()
    body = {"account": recipient.name, "accountId": None, "ucAccount": None, "x": {"y": [None]}}

    done(program("POST", f"/v2/image/{image.image_id}", body, share=""))

    assert image.grants.get().recipient == recipient


def test_a_field_that_comes_twice_counts_once(program, account):
    image = ImageFactory.create(owner=account)
    first, second = AccountFactory.create_batch(2)
    body = f'{{"account": "{first.name}", "account": "{second.name}"}}'

    done(program("POST", f"/v2/image/{image.image_id}", body, share=""))

    assert image.grants.get().recipient == second


# Queries and paths


@pytest.mark.parametrize(
    ("asked_for", "in_force"), [("1", 1), ("1000", 1000), ("1001", 1000), ("1000000000", 1000)]
)
@pytest.mark.parametrize("path", ["/v2/image", "/v2/instance", "/v1/image", "/v1/instance"])
def test_page_sizes(program, path, asked_for, in_force):
    assert done(program("GET", path, maxKeys=asked_for))["maxKeys"] == in_force


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "9" * 5000, "\0", "0x10", "١٢x"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2/image"), ("GET", "/v2/instance"), ("POST", "/v2/instance/listByInstanceId")],
)
def test_page_sizes_that_are_none(program, method, path, size):
    status, code, message = refusal(program(method, path, maxKeys=size))

    assert (status, code) == (400, "InvalidHTTPRequest")
    assert message.startswith("maxKeys: ")


@pytest.mark.parametrize("query", ["maxKeys=1&maxKeys=2", "a&a", "marker=x&%6darker=x"])
def test_a_parameter_that_comes_twice(program, query):
    """The signature does not cover the order of the two."""
    assert refusal(send("GET", f"/v2/image?{query}", {"Host": program.host})) == (
        400,
        "InvalidHTTPRequest",
        "A parameter comes twice.",
    )


@pytest.mark.parametrize("image_type", ["custom", "Everything", "All ", "\0"])
def test_an_image_type_that_is_none(program, image_type):
    status, code, _message = refusal(program("GET", "/v2/image", imageType=image_type))

    assert (status, code) == (400, "InvalidHTTPRequest")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v2/image", "marker"),
        ("/v2/image", "imageName"),
        ("/v2/instance", "marker"),
        *(
            ("/v2/instance", name)
            for name in (
                "instanceIds", "instanceNames", "fuzzyInstanceName", "status", "zoneName",
                "paymentTiming", "internalIp", "dedicatedHostId", "deploySetIds",
                "securityGroupIds", "cdsIds", "ehcClusterId", "vpcId", "tags", "privateIps",
                "ipv6Addresses",
            )
        ),
    ],
)  # fmt: skip
def test_strange_texts_in_the_query(program, path, name):
    headers = program.signed("GET", path, b"", {name: "\0"}, {})
    status, code, _message = refusal(send("GET", f"{path}?{name}=%00", headers))
    assert (status, code) == (400, "InvalidHTTPRequest")

    for value in ("%", "_", "'", "x" * 5000, ",", "\U0001f600", "m-", "999.1.1.1", "٣.1.1.1"):
        assert program("GET", path, **{name: value}).status_code == 200


@pytest.mark.parametrize("spelling", ["%ff", "%ed%a0%80", "%c3", "%", "%zz", "\xff", "a=b=c"])
def test_a_query_in_no_utf8(program, spelling):
    """It is signed byte for byte, and finds nothing."""
    wire = {"%": "%25", "%zz": "%25zz", "\xff": "%FF", "a=b=c": "a%3Db%3Dc"}
    headers = {"Host": program.host, "x-bce-date": now()}
    canonical = f"GET\n/v2/image\nimageName={wire.get(spelling, spelling.upper())}\n" + (
        f"host:{program.host}\nx-bce-date:" + headers["x-bce-date"].replace(":", "%3A")
    )
    headers["Authorization"] = authorization(program.key.key_id, canonical, "host;x-bce-date")

    assert done(send("GET", f"/v2/image?imageName={spelling}", headers))["images"] == []


@pytest.mark.parametrize("image_id", ["m-%e4%b8%ad", "%c3%a9", "%3Fx", "..", "%2F"])
def test_a_path_in_strange_letters(program, image_id):
    for method in ("GET", "DELETE"):
        answer = send(method, f"/v2/image/{image_id}", {"Host": program.host})

        assert refusal(answer) in {DENIED, NO_SUCH_OBJECT}


@pytest.mark.parametrize("image_id", ["x" * 3000, "m-中文字", "m-~()!*'", "m- b"])
def test_an_id_that_is_none(program, image_id):
    path = f"/v2/image/{quote(image_id, safe='~')}"

    assert refusal(program("GET", path)) == NO_SUCH_OBJECT
    assert refusal(program("POST", path, {"account": "x"}, share="")) == NO_SUCH_OBJECT


@pytest.mark.parametrize(
    "target",
    [
        "/v2/image/m%00x",
        "/v2/%00",
        "/v2/image/%00?share",
        # No UTF-8, or encoded twice
        "/v2/image/%ff",
        "/v2/%ff%fe",
        "/v2/image/%ed%a0%80",
        "/v2/image/%2541",
        "/v2/image/%",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_path_that_cannot_be_read(program, method, target):
    assert refusal(send(method, target, {"Host": program.host})) == (
        400,
        "InvalidURI",
        "Could not parse the specified URI.",
    )


def test_ten_thousand_parameters(program):
    query = {f"p{number}": str(number) for number in range(10_000)}

    done(program("GET", "/v2/image", **query))


def test_other_headers_change_nothing(program):
    strange = {
        "Cookie": "sessionid=" + "x" * 60_000,
        "Accept": "text/html",
        "Accept-Language": "zh-CN",
        "Origin": "https://elsewhere.example",
        "HX-Request": "true",
        "X-Forwarded-Host": "bcc.gz.example",
        "x-bce-request-id": "mine",
        "If-None-Match": "*",
    }

    answer = program("GET", "/v2/image", headers=strange)

    assert done(answer)["images"] == []
    assert answer["x-bce-request-id"] != "mine"


def test_refusals_are_in_english_whatever_is_asked_for(program, account):
    headers = {"Accept-Language": "zh-CN,zh"}

    answer = program("POST", "/v2/instance", {}, headers=headers)

    assert refusal(answer)[2] == "imageId: Field required"


# What fails


def test_a_failure_of_ours(program, settings, log_lines):
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []

    answer = program("GET", "/v2/image")

    assert refusal(answer) == INTERNAL
    log = log_lines.getvalue()
    assert answer["x-bce-request-id"] in log
    assert "ImproperlyConfigured" in log


def test_a_secret_that_cannot_be_opened_is_of_no_key(program, log_lines):
    """To send it again would not help, as a status of 500 says it might."""
    other = AccessKeyFactory.create()
    program.key.encrypted_secret = other.encrypted_secret
    program.key.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY
    assert "UnreadableSecret" in log_lines.getvalue()


def test_a_statement_that_fails(program):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE images_image RENAME TO images_gone")

    assert refusal(program("GET", "/v2/image")) == INTERNAL


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away(program, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    try:
        answer = program("GET", "/v2/image")
    finally:
        monkeypatch.undo()
        connection.close()

    assert refusal(answer) == (
        503,
        "InternalError",
        "The database does not answer. Please try again.",
    )
    done(program("GET", "/v2/image"))


@pytest.mark.django_db(transaction=True)
def test_a_share_that_fails_shares_nothing(program, account):
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create()
    path = f"/v2/image/{image.image_id}"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent RENAME TO audit_gone")
    try:
        answer = program("POST", path, {"account": recipient.name}, share="")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_gone RENAME TO accounts_auditevent")

    assert refusal(answer) == INTERNAL
    assert not image.grants.exists()
    done(program("POST", path, {"account": recipient.name}, share=""))
    assert image.grants.count() == 1


# Regions


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("bcc.bj.example.com", "bj"),
        ("bcc.gz.baidubce.com", "gz"),
        ("bcc.gz.baidubce.com:443", "gz"),
        ("BCC.GZ.EXAMPLE", "gz"),
        ("gz.example.com", "gz"),
        ("gz.localhost:8000", "gz"),
        ("localhost", "bj"),
        ("localhost:8000", "bj"),
        ("127.0.0.1:8000", "bj"),
        ("[::1]:8000", "bj"),
        ("dev.company.com", "bj"),
        ("bcc.company.com", "bj"),
        ("bcc.nj.example.com", "bj"),
        ("nj.example.com", "bj"),
        ("bcc.baidubce.com", "bj"),
        ("example.gz", "bj"),
        ("gz", "bj"),
        ("bcc.gz", "bj"),
        (".", "bj"),
        ("bcc..gz", "bj"),
    ],
)
def test_the_region_is_in_the_name_that_is_called(account, program_for, host, region):
    for code in ("bj", "gz"):
        ImageFactory.create(owner=account, name=code, region__code=code)

    images = done(program_for(account, host=host)("GET", "/v2/image"))["images"]

    assert [image["name"] for image in images] == [region]


def test_the_default_region_is_a_setting(account, program_for, settings):
    settings.API_DEFAULT_REGION = "gz"
    for code in ("bj", "gz"):
        ImageFactory.create(owner=account, name=code, region__code=code)

    images = done(program_for(account, host="localhost")("GET", "/v2/image"))["images"]

    assert [image["name"] for image in images] == ["gz"]


def test_another_regions_things_are_not_there(program, account):
    image = ImageFactory.create(owner=account, region__code="gz")
    instance = InstanceFactory.create(owner=account, region__code="gz")

    assert refusal(program("GET", f"/v2/image/{image.image_id}")) == NO_SUCH_OBJECT
    assert refusal(program("GET", f"/v2/instance/{instance.instance_id}")) == NO_SUCH_OBJECT
    assert refusal(program("DELETE", f"/v2/image/{image.image_id}")) == NO_SUCH_OBJECT


# What is kept of a call


@pytest.mark.parametrize("outcome", ["done", "refused"])
def test_the_audit_trail_and_the_log_have_the_id_of_the_answer(program, account, caplog, outcome):
    caplog.set_level(logging.INFO)
    image = ImageFactory.create(owner=account)
    recipient = AccountFactory.create() if outcome == "done" else account
    path = f"/v2/image/{image.image_id}"

    answer = program("POST", path, {"account": recipient.name}, share="")

    assert (answer.status_code == 200) == (outcome == "done")
    event = AuditEvent.objects.get()
    assert event.outcome == outcome
    assert event.request_id == answer["x-bce-request-id"]
    assert event.channel == "api"
    assert event.access_key_id == program.key.key_id
    assert event.actor == program.key.user.username
    assert event.actor_account_id == account.account_id
    assert event.address == "127.0.0.1"
    assert event.region == "bj"
    assert event.target_id == image.image_id
    assert answer["x-bce-request-id"] in caplog.text
    assert path in caplog.text


def test_no_log_has_a_secret_a_signature_or_a_password(program, account, log_lines, settings):
    image = things_of(account)
    path = "/v2/instance/i-abcdefgh"
    body = {"imageId": image.image_id, "adminPass": "Golden2026!"}
    headers = program.signed("PUT", path, json.dumps(body).encode(), {"rebuild": ""}, {})

    send("PUT", path + "?rebuild", headers, json.dumps(body).encode())
    program("PUT", path, {"imageId": "m-nothing", "adminPass": "Golden2026!"}, rebuild="")
    program("PUT", path, {"adminPass": "Golden2026!"}, rebuild="")
    settings.ACCESS_KEY_ENCRYPTION_KEYS = []
    broken = send("PUT", path + "?rebuild", headers, json.dumps(body).encode())

    assert broken.status_code == 500
    signature = headers["Authorization"].rpartition("/")[2]
    log = log_lines.getvalue()
    assert "ImproperlyConfigured" in log
    told = log + repr(list(AuditEvent.objects.values()))
    for secret in (SECRET, signature, "Golden2026!", program.key.encrypted_secret):
        assert secret not in told


def test_reading_leaves_no_audit_row(program, account):
    image = things_of(account)

    for path in ("/v2/image", f"/v2/image/{image.image_id}", "/v2/instance", "/v2/zone"):
        done(program("GET", path))

    assert not AuditEvent.objects.exists()


def test_a_key_made_by_the_console_works(account, actor_for):
    RegionFactory.create()
    user = UserFactory.create(account=account)
    by = actor_for(account)
    key, secret = keys.issue(user=user, description="ci", by=replace_name(by, user.username))

    done(Program(key, secret=secret)("GET", "/v2/image"))


def replace_name(actor, name):
    return replace(actor, name=name)
