"""Signatures of requests, digests of their bodies, and the region they call."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from accounts import keys

from ...factories import (
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
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    Program,
    done,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db

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


NOON = "2026-11-23T12:00:00Z"
AT_NOON = 1795435200


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


# Signatures and keys


def test_a_valid_signature_is_accepted(program):
    assert done(program("GET", "/v2/image")) == {
        "marker": "",
        "isTruncated": False,
        "maxKeys": 1000,
        "images": [],
    }


def test_a_request_without_a_signature_is_denied(program):
    assert refusal(send("GET", "/v2/image", {"Host": program.host})) == DENIED


def test_an_empty_signature_is_denied(program):
    headers = {"Host": program.host, "Authorization": ""}

    assert refusal(send("GET", "/v2/image", headers)) == DENIED


def test_a_console_session_does_not_authenticate(account):
    browser = Client()
    browser.force_login(UserFactory.create(account=account))

    response = browser.get("/v2/image")

    assert response.status_code == 403
    assert response.json()["code"] == "AccessDenied"


@pytest.mark.parametrize("text", ["Basic eDp5", "bce-auth-v1/", "x" * 20_000, "\xff", "/"])
def test_a_malformed_signature_is_refused(program, text):
    headers = {"Host": program.host, "Authorization": text}

    assert refusal(send("GET", "/v2/image", headers)) == BAD_HEADER


def test_a_signature_with_another_secret_does_not_match(account, program_for):
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
def test_a_signature_of_another_request_does_not_match(program, method, target, body):
    headers = program.signed("GET", "/v2/image", b"", {}, {})
    headers["Content-Length"] = str(len(body))

    assert refusal(send(method, target, headers, body)) == NO_MATCH


def test_a_signature_for_another_host_does_not_match(program):
    headers = program.signed("GET", "/v2/image", b"", {}, {}) | {"Host": "bcc.gz.example"}

    assert refusal(send("GET", "/v2/image", headers)) == NO_MATCH


def test_an_unknown_key_is_refused(program, account):
    unknown = AccessKeyFactory.build(key_id="f" * 32)

    assert refusal(Program(unknown)("GET", "/v2/image")) == NO_SUCH_KEY


@pytest.mark.parametrize("key_id", ["F" * 32, "x", "0" * 31])
def test_a_malformed_key_id_is_refused(program, key_id):
    program.key.key_id = key_id

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_a_disabled_key_is_refused(program):
    assert done(program("GET", "/v2/image"))

    program.key.is_active = False
    program.key.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_a_key_of_an_inactive_person_is_refused(program):
    assert done(program("GET", "/v2/image"))

    program.key.user.is_active = False
    program.key.user.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


def test_a_key_of_a_person_without_an_account_is_refused(program):
    program.key.user.account = None
    program.key.user.is_staff = True
    program.key.user.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY


@pytest.mark.parametrize(
    ("ago", "seconds", "code"),
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
def test_a_signature_is_valid_for_a_limited_time(program, clock, ago, seconds, code):
    headers = program.signed("GET", "/v2/image", b"", {}, {}, at=AT_NOON - ago, seconds=seconds)

    response = send("GET", "/v2/image", headers)

    assert response.json().get("code") == code


def test_an_expired_signature_is_reported_with_its_time(program, clock):
    headers = program.signed("GET", "/v2/image", b"", {}, {}, at=AT_NOON - 7200)

    assert refusal(send("GET", "/v2/image", headers)) == (
        400,
        "RequestExpired",
        "Request has expired. Timestamp date is 2026-11-23T10:00:00Z.",
    )


@pytest.mark.parametrize("date", ["2026-11-23T12:30:01Z", "2026-11-23T11:29:59Z"])
def test_a_date_too_far_from_the_server_time_is_refused(program, clock, date):
    response = program("GET", "/v2/image", headers={"x-bce-date": date})

    assert refusal(response) == (
        403,
        "RequestTimeTooSkewed",
        "The request time differs from the server time by more than 30 minutes.",
    )


@pytest.mark.parametrize("date", ["2026-11-23T12:30:00Z", "2026-11-23T11:30:00Z"])
def test_a_date_within_30_minutes_is_accepted(program, clock, date):
    done(program("GET", "/v2/image", headers={"x-bce-date": date}))


def test_a_malformed_date_is_refused(program):
    assert refusal(program("GET", "/v2/image", headers={"x-bce-date": "noon"})) == BAD_HEADER


def test_only_a_valid_signature_marks_a_key_as_used(program):
    Program(program.key, secret="f" * 32)("GET", "/v2/image")
    program.key.refresh_from_db()
    assert program.key.last_used_at is None

    program("GET", "/v2/image")

    program.key.refresh_from_db()
    assert program.key.last_used_at is not None


def test_access_ends_when_an_image_is_unshared(program, account):
    grant = ShareGrantFactory.create(recipient=account)
    path = f"/v2/image/{grant.image.image_id}"
    assert done(program("GET", path))

    grant.delete()

    assert refusal(program("GET", path)) == NO_SUCH_OBJECT


def md5(body):
    return b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324


# Digests of the body


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": md5(b"{}")},
        {"x-bce-content-sha256": hashlib.sha256(b"{}").hexdigest()},
        {"x-bce-content-sha256": hashlib.sha256(b"{}").hexdigest().upper()},
    ],
)
def test_a_correct_digest_is_accepted(program, headers):
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
def test_a_wrong_digest_is_refused(program, headers):
    response = program("POST", "/v2/instance/listByInstanceId", b"{}", headers=headers)

    assert refusal(response) == BAD_BODY


def test_a_replaced_body_of_the_same_length_is_refused(program, account):
    image = ImageFactory.create(owner=account)
    first, second = AccountFactory.create_batch(2)
    path = f"/v2/image/{image.image_id}"
    signed, replaced = (json.dumps({"accountId": a.account_id}).encode() for a in (first, second))
    headers = program.signed("POST", path, signed, {"share": ""}, {"Content-MD5": md5(signed)})

    assert refusal(send("POST", path + "?share", headers, replaced)) == BAD_BODY
    assert not image.grants.exists()


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
def test_the_host_name_selects_the_region(account, program_for, host, region):
    for code in ("bj", "gz"):
        ImageFactory.create(owner=account, name=code, region__code=code)

    images = done(program_for(account, host=host)("GET", "/v2/image"))["images"]

    assert [image["name"] for image in images] == [region]


def test_the_default_region_comes_from_the_settings(account, program_for, settings):
    settings.API_DEFAULT_REGION = "gz"
    for code in ("bj", "gz"):
        ImageFactory.create(owner=account, name=code, region__code=code)

    images = done(program_for(account, host="localhost")("GET", "/v2/image"))["images"]

    assert [image["name"] for image in images] == ["gz"]


def test_resources_of_another_region_are_not_found(program, account):
    image = ImageFactory.create(owner=account, region__code="gz")
    instance = InstanceFactory.create(owner=account, region__code="gz")

    assert refusal(program("GET", f"/v2/image/{image.image_id}")) == NO_SUCH_OBJECT
    assert refusal(program("GET", f"/v2/instance/{instance.instance_id}")) == NO_SUCH_OBJECT
    assert refusal(program("DELETE", f"/v2/image/{image.image_id}")) == NO_SUCH_OBJECT


def test_a_key_created_in_the_console_works(account, actor_for):
    RegionFactory.create()
    user = UserFactory.create(account=account)
    by = actor_for(account)
    key, secret = keys.create(user=user, description="ci", by=replace(by, name=user.username))

    done(Program(key, secret=secret)("GET", "/v2/image"))


def test_keys_of_a_closed_account_stop_at_once(program, account):
    done(program("GET", "/v2/image"))

    account.closed_at = timezone.now()
    account.save()

    assert refusal(program("GET", "/v2/image")) == NO_SUCH_KEY
