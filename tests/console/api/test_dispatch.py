"""Paths, methods and parameters that exist or are refused."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from images.models import Image, Instance

from ...factories import (
    ImageFactory,
    InstanceFactory,
)
from .programs import (
    DENIED,
    NO_SUCH_OBJECT,
    authorization,
    done,
    now,
    refusal,
    send,
)

pytestmark = pytest.mark.django_db

NO_SUCH_VERSION = (404, "InvalidVersion", "The API version specified was invalid.")


def test_a_plain_call_is_refused_where_https_is_required(program, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answers = [
        program("GET", "/v2/image", headers={"X-Forwarded-Proto": scheme} if scheme else {})
        for scheme in (None, "http", "https")
    ]

    refused = (403, "AccessDenied", "The API is available over HTTPS only.")
    assert [refusal(answer) for answer in answers[:2]] == [refused, refused]
    assert answers[2].status_code == 200


# Unknown paths, versions, methods and verbs


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
def test_an_unknown_path_is_not_found(program, method, path):
    assert refusal(send(method, path, {"Host": program.host})) == NO_SUCH_OBJECT


@pytest.mark.parametrize("path", ["/v3/image", "/v0/image", "/v10", "/v3", "/v999999999999/x"])
def test_an_unknown_version_is_refused(program, path):
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
def test_an_unsupported_method_or_verb_is_refused(program, method, target):
    assert refusal(send(method, target, {"Host": program.host})) == (
        405,
        "MethodNotAllowed",
        "This path doesn't support this method with these parameters.",
    )


def test_a_405_names_the_methods_that_there_are(program):
    image = program("PUT", "/v2/image")
    document = send("POST", "/v2/openapi.json", {"Host": program.host})

    assert (image.status_code, image["Allow"]) == (405, "GET, POST")
    assert (document.status_code, document["Allow"]) == (405, "GET, HEAD")


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

    response = program(method, f"/v2/instance/{instance.instance_id}", whatever="1")

    assert response.status_code == 405
    assert Instance.objects.live().get() == instance


def test_an_unknown_verb_deletes_no_image(program, account):
    image = ImageFactory.create(owner=account)

    response = program("DELETE", f"/v2/image/{image.image_id}", whatever="")

    assert response.status_code == 405
    assert Image.objects.get() == image


def test_a_request_for_the_whole_server_does_not_fail():
    """OPTIONS * has no path. The API does not handle it, and must not fail."""
    environ = {"REQUEST_METHOD": "OPTIONS", "PATH_INFO": "*"}

    assert Client(raise_request_exception=False).request(**environ).status_code < 500


# Queries and paths


@pytest.mark.parametrize("query", ["maxKeys=1&maxKeys=2", "a&a", "marker=x&%6darker=x"])
def test_a_repeated_parameter_is_refused(program, query):
    """The signature does not cover the order of the two."""
    assert refusal(send("GET", f"/v2/image?{query}", {"Host": program.host})) == (
        400,
        "InvalidHTTPRequest",
        "A parameter is given more than once.",
    )


@pytest.mark.parametrize("image_type", ["custom", "Everything", "All ", "\0"])
def test_an_unknown_image_type_is_refused(program, image_type):
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
def test_nul_in_the_query_is_refused_but_other_unusual_text_is_accepted(program, path, name):
    headers = program.signed("GET", path, b"", {name: "\0"}, {})
    status, code, _message = refusal(send("GET", f"{path}?{name}=%00", headers))
    assert (status, code) == (400, "InvalidHTTPRequest")

    for value in ("%", "_", "'", "x" * 5000, ",", "\U0001f600", "m-", "999.1.1.1", "٣.1.1.1"):
        assert program("GET", path, **{name: value}).status_code == 200


@pytest.mark.parametrize("spelling", ["%ff", "%ed%a0%80", "%c3", "%", "%zz", "\xff", "a=b=c"])
def test_a_query_that_is_not_utf8_matches_nothing(program, spelling):
    """It is signed byte for byte."""
    wire = {"%": "%25", "%zz": "%25zz", "\xff": "%FF", "a=b=c": "a%3Db%3Dc"}
    headers = {"Host": program.host, "x-bce-date": now()}
    canonical = f"GET\n/v2/image\nimageName={wire.get(spelling, spelling.upper())}\n" + (
        f"host:{program.host}\nx-bce-date:" + headers["x-bce-date"].replace(":", "%3A")
    )
    headers["Authorization"] = authorization(program.key.key_id, canonical, "host;x-bce-date")

    assert done(send("GET", f"/v2/image?imageName={spelling}", headers))["images"] == []


@pytest.mark.parametrize("image_id", ["m-%e4%b8%ad", "%c3%a9", "%3Fx", "..", "%2F"])
def test_a_path_with_unusual_characters_is_refused(program, image_id):
    for method in ("GET", "DELETE"):
        response = send(method, f"/v2/image/{image_id}", {"Host": program.host})

        assert refusal(response) in {DENIED, NO_SUCH_OBJECT}


@pytest.mark.parametrize("image_id", ["x" * 3000, "m-中文字", "m-~()!*'", "m- b"])
def test_a_malformed_id_is_not_found(program, image_id):
    path = f"/v2/image/{quote(image_id, safe='~')}"

    assert refusal(program("GET", path)) == NO_SUCH_OBJECT
    assert refusal(program("POST", path, {"account": "x"}, share="")) == NO_SUCH_OBJECT


@pytest.mark.parametrize(
    "target",
    [
        "/v2/image/m%00x",
        "/v2/%00",
        "/v2/image/%00?share",
        # Not UTF-8, or encoded twice
        "/v2/image/%ff",
        "/v2/%ff%fe",
        "/v2/image/%ed%a0%80",
        "/v2/image/%2541",
        "/v2/image/%",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_path_that_cannot_be_parsed_is_refused(program, method, target):
    assert refusal(send(method, target, {"Host": program.host})) == (
        400,
        "InvalidURI",
        "Could not parse the specified URI.",
    )


def test_ten_thousand_parameters_are_accepted(program):
    query = {f"p{number}": str(number) for number in range(10_000)}

    done(program("GET", "/v2/image", **query))


def test_other_headers_are_ignored(program):
    headers = {
        "Cookie": "sessionid=" + "x" * 60_000,
        "Accept": "text/html",
        "Accept-Language": "zh-CN",
        "Origin": "https://elsewhere.example",
        "HX-Request": "true",
        "X-Forwarded-Host": "bcc.gz.example",
        "x-bce-request-id": "mine",
        "If-None-Match": "*",
    }

    response = program("GET", "/v2/image", headers=headers)

    assert done(response)["images"] == []
    assert response["x-bce-request-id"] != "mine"
