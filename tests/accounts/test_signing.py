"""BCE auth v1 against fixed vectors, the official SDKs' spellings, and the Python SDK's signer."""

from __future__ import annotations

import hashlib
import hmac
import string
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from baidubce.auth import bce_v1_signer
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.utils import get_canonical_querystring
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import signing
from accounts.exceptions import Refused

# The SDK's way to a date is deprecated from Python 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")

KEY_ID = "f81d3b34e48048fbb2634dc7882d7e21"
SECRET = "0123456789abcdef0123456789abcdef"
TIME = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "bcc.bj.baidubce.com"
HEADERS = {"host": HOST, "x-bce-date": TIME}
CANONICAL_HEADERS = "host:bcc.bj.baidubce.com\nx-bce-date:2026-01-01T00%3A00%3A00Z"
HEX = "0123456789abcdef" * 4


def header(
    key_id=KEY_ID, time=TIME, seconds="1800", signed_headers="host;x-bce-date", signature=HEX
):
    return f"bce-auth-v1/{key_id}/{time}/{seconds}/{signed_headers}/{signature}"


def request(method="GET", path="/v2/image", query="", headers=HEADERS, **rest):
    return signing.SignedRequest(method=method, path=path, query=query, headers=headers, **rest)


def canonical(signed_headers="host;x-bce-date", **rest):
    claim = signing.parse(header(signed_headers=signed_headers))
    return signing.canonical_request(claim, request(**rest))


def canonical_path(path):
    return canonical(path=path).split("\n")[1]


def canonical_query(query):
    return canonical(query=query).split("\n")[2]


def hmac_hex(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(canonical_request, signed_headers="host;x-bce-date", **rest):
    """The claim of a client that signs `canonical_request`, as the scheme's text has it."""
    prefix = "/".join(header(**rest).split("/")[:4])
    signature = hmac_hex(hmac_hex(SECRET, prefix), canonical_request)
    return signing.parse(header(signed_headers=signed_headers, signature=signature, **rest))


# Fixed vectors


@pytest.mark.parametrize(
    ("signed_headers", "signature", "sent"),
    [
        (
            "",
            "6570eae5f69627c501403bfe73e726491c4e7de9ddc8ace83357b7909019f8c1",
            {"query": "imageType=All", "headers": HEADERS | {"content-length": "0"}},
        ),
        (
            "",
            "d09ab74b7dee246596a86439404f6ce265c5008dd50d71a8fcfbd6c5f2157ae8",
            {
                "method": "POST",
                "path": "/v2/image/m-nky7qeom",
                "query": "share",
                "headers": HEADERS | {"content-length": "49"},
            },
        ),
        (
            "host;x-bce-date",
            "c4d98daf57eb27364baaf916f4ee0c03b0695b4c0c014426394eda625f41daed",
            {"query": "imageType=Custom&imageName=a%20b%2F%E4%B8%AD~%27%28"},
        ),
    ],
    ids=["list", "share", "unicode"],
)
def test_what_the_sdk_signed(signed_headers, signature, sent):
    claim = signing.parse(header(signed_headers=signed_headers, signature=signature))

    assert signing.signature(SECRET, claim, request(**sent)) == signature
    assert signing.is_signed_by(SECRET, claim, request(**sent))


# The header


def test_a_header_is_read():
    claim = signing.parse(header(seconds="3600", signed_headers="x-bce-date;Host"))

    assert claim == signing.Claim(
        access_key_id=KEY_ID,
        timestamp=NOW,
        expires_in=timedelta(hours=1),
        signed_headers=("x-bce-date", "host"),
        signature=HEX,
        prefix="bce-auth-v1/f81d3b34e48048fbb2634dc7882d7e21/2026-01-01T00:00:00Z/3600",
    )
    assert claim.timestamp.tzinfo is UTC


def test_a_header_with_the_default_set():
    assert signing.parse(header(signed_headers="")).signed_headers == ()


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "/////",
        "Basic Zm9vOmJhcg==",
        header().rpartition("/")[0],
        header() + "/",
        header() + "/more",
        " " + header(),
        header() + " ",
        header() + "\n",
        header().replace("bce-auth-v1", "bce-auth-v2"),
        header().replace("bce-auth-v1", "BCE-AUTH-V1"),
        header().replace("bce-auth-v1", "xbce-auth-v1"),
        header(key_id=""),
        header(key_id="a b"),
        header(key_id="a\x00b"),
        header(key_id="é"),
        header(key_id="a" * 65),
        header(time=""),
        header(time="2026-01-01T00:00:00"),
        header(time="2026-01-01 00:00:00Z"),
        header(time="2026-01-01T00:00:00z"),
        header(time="2026-01-01T00:00:00.000Z"),
        header(time="2026-01-01T00:00:00+00:00"),
        header(time="2026-1-1T0:00:00Z"),
        header(time="20260101T000000Z"),
        header(time="2026-02-30T00:00:00Z"),
        header(time="2026-01-01T25:00:00Z"),
        header(time="2026-01-01T00:00:61Z"),
        header(time="0000-01-01T00:00:00Z"),
        header(time="２026-01-01T00:00:00Z"),
        header(time="Thu, 01 Jan 2026 00:00:00 GMT"),
        header(seconds=""),
        header(seconds="0"),
        header(seconds="-1"),
        header(seconds="+1800"),
        header(seconds="01800"),
        header(seconds="1800.0"),
        header(seconds="1_800"),
        header(seconds=" 1800"),
        header(seconds="0x10"),
        header(seconds="１800"),
        header(seconds="1８00"),
        header(seconds="1" * 11),
        header(seconds="1" * 5000),
        header(signed_headers="x-bce-date"),
        header(signed_headers="hosts"),
        header(signed_headers=";host"),
        header(signed_headers="host;"),
        header(signed_headers="host;;x-bce-date"),
        header(signed_headers="host,x-bce-date"),
        header(signed_headers="host; x-bce-date"),
        header(signed_headers="host:x"),
        header(signed_headers="host;é"),
        header(signature=""),
        header(signature=HEX[1:]),
        header(signature=HEX + "0"),
        header(signature=HEX.upper()),
        header(signature="g" + HEX[1:]),
        header(signature="٠" + HEX[1:]),
    ],
)
def test_a_header_that_cannot_be_read(authorization):
    with pytest.raises(signing.InvalidAuthorization):
        signing.parse(authorization)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (signing.InvalidAuthorization(), "invalid-authorization"),
        (signing.RequestExpired(timestamp=TIME), "request-expired"),
        (signing.RequestTimeTooSkewed(), "request-time-too-skewed"),
        (signing.SignatureDoesNotMatch(), "signature-does-not-match"),
    ],
)
def test_a_refusal_has_a_code_and_a_sentence(refusal, code):
    assert isinstance(refusal, Refused)
    assert refusal.code == code
    assert str(refusal).endswith(".")


def test_nothing_shows_a_signature():
    assert HEX not in repr(signing.parse(header()))
    assert HEX not in repr(request(headers=HEADERS | {"authorization": header()}))


# Times


def check(after=timedelta(0), headers=HEADERS, **claim):
    signing.check_time(signing.parse(header(**claim)), headers, NOW + after)


def at(seconds):
    """The headers of a request that was sent so long after it was signed."""
    return {"x-bce-date": f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"}


@pytest.mark.parametrize("seconds", ["1", "1800", "3600", "86400"])
def test_a_signature_is_good_until_it_expires(seconds):
    last = int(seconds)

    check(timedelta(seconds=last), at(last), seconds=seconds)
    with pytest.raises(signing.RequestExpired, match="2026-01-01T00:00:00Z") as refusal:
        check(timedelta(seconds=last, microseconds=1), at(last), seconds=seconds)

    assert refusal.value.facts == {"timestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("seconds", ["86401", "315360000", "9999999999"])
def test_no_signature_is_good_for_more_than_a_day(seconds):
    check(timedelta(seconds=86400), at(86400), seconds=seconds)
    with pytest.raises(signing.RequestExpired):
        check(timedelta(seconds=86401), at(86400), seconds=seconds)


@pytest.mark.parametrize("years", ["0001", "1000", "2016"])
def test_a_time_long_ago_has_expired(years):
    with pytest.raises(signing.RequestExpired, match=years):
        check(time=f"{years}-01-01T00:00:00Z", seconds="9999999999")


@pytest.mark.parametrize("time", ["2026-01-01T00:30:01Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("headers", [{}, HEADERS], ids=["undated", "dated"])
def test_a_time_in_the_future_is_skewed(time, headers):
    check(time="2026-01-01T00:30:00Z", headers=headers)
    with pytest.raises(signing.RequestTimeTooSkewed):
        check(time=time, seconds="9999999999", headers=headers)


def dated(name, text):
    return {"host": HOST, name: text}


@pytest.mark.parametrize(
    ("headers", "is_too_early", "is_too_late"),
    [
        (dated("x-bce-date", "2025-12-31T23:30:00Z"), False, False),
        (dated("x-bce-date", "2025-12-31T23:29:59Z"), True, False),
        (dated("x-bce-date", "2026-01-01T00:30:00Z"), False, False),
        (dated("x-bce-date", "2026-01-01T00:30:01Z"), False, True),
        (dated("date", "2026-01-01T00:30:01Z"), False, True),
        (dated("date", "Wed, 31 Dec 2025 23:30:00 GMT"), False, False),
        (dated("date", "Wed, 31 Dec 2025 23:29:59 GMT"), True, False),
        (dated("date", "Thu, 01 Jan 2026 00:30:00 GMT"), False, False),
        (dated("date", "Thu, 01 Jan 2026 00:30:01 GMT"), False, True),
        (dated("x-bce-date", "Thu, 01 Jan 2026 00:30:01 GMT"), False, True),
        (dated("date", "Thu Jan  1 00:30:01 2026"), False, True),
        (dated("x-bce-date", TIME) | {"date": "Thu, 01 Jan 2015 00:00:00 GMT"}, False, False),
        (dated("x-bce-date", TIME) | {"date": "yesterday"}, False, False),
        (dated("date", TIME) | {"x-bce-date": "2026-01-01T00:30:01Z"}, False, True),
        (dated("date", "2026-01-01T00:30:01Z") | {"x-bce-date": " "}, False, True),
        (dated("x-bce-date", "0001-01-01T00:00:00Z"), True, False),
        (dated("x-bce-date", "9999-12-31T23:59:59Z"), False, True),
        ({}, False, False),
    ],
)
def test_a_request_is_sent_within_half_an_hour(headers, is_too_early, is_too_late):
    if is_too_early or is_too_late:
        with pytest.raises(signing.RequestTimeTooSkewed):
            check(headers=headers)
    else:
        check(headers=headers)


def test_a_request_without_a_date_was_sent_when_it_was_signed():
    check(timedelta(minutes=30), headers={}, seconds="86400")
    with pytest.raises(signing.RequestTimeTooSkewed):
        check(timedelta(minutes=30, seconds=1), headers={}, seconds="86400")


def test_a_request_signed_and_sent_long_ago_has_expired():
    with pytest.raises(signing.RequestExpired):
        check(timedelta(hours=1))


@pytest.mark.parametrize("name", ["x-bce-date", "date"])
@pytest.mark.parametrize(
    "text",
    [
        "now",
        "0",
        "1767225600",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-02-30T00:00:00Z",
        "Thu, 31 Feb 2026 00:00:00 GMT",
        "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
        "\x00",
        "é",
    ],
)
def test_a_date_that_cannot_be_read(name, text):
    with pytest.raises(signing.InvalidAuthorization):
        check(headers={name: text})


# One text for all spellings


def test_the_text_that_is_signed():
    assert canonical(method="PUT", path="/v2/image/m-1/tag", query="bind") == (
        f"PUT\n/v2/image/m-1/tag\nbind=\n{CANONICAL_HEADERS}"
    )


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("/", "/"),
        ("/v2/image/m-nky7qeom", "/v2/image/m-nky7qeom"),
        ("/v2/image/", "/v2/image/"),
        ("/v2//image", "/v2//image"),
        ("//v2/image", "//v2/image"),
        ("/v2/./image/../os", "/v2/./image/../os"),
        ("/a%2Fb", "/a%2Fb"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%252Fb", "/a%252Fb"),
        ("/%6d-1", "/m-1"),
        ("/a~b%7eb-._", "/a~b~b-._"),
        ("/a+b", "/a%2Bb"),
        ("/a%20b", "/a%20b"),
        ("/a:b@c!$&'()*,;=", "/a%3Ab%40c%21%24%26%27%28%29%2A%2C%3B%3D"),
        ("/%E4%B8%AD", "/%E4%B8%AD"),
        ("/%e4%b8%ad", "/%E4%B8%AD"),
        ("/\xe4\xb8\xad", "/%E4%B8%AD"),
        ("/%ff%FE", "/%FF%FE"),
        ("/%00", "/%00"),
        ("/%0Ax", "/%0Ax"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
    ],
)
def test_a_path(sent, expected):
    assert canonical_path(sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("", ""),
        ("share", "share="),
        ("share=", "share="),
        ("share=&", "share="),
        ("&&share", "share="),
        ("=", "="),
        ("=a", "=a"),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1&a=1", "a=1&a=1&a=2"),
        ("a=1=2", "a=1%3D2"),
        ("a%3D1=2", "a%3D1=2"),
        ("a=b%26c=d", "a=b%26c%3Dd"),
        ("a=1;b=2", "a=1%3Bb%3D2"),
        ("a=1&a-b=2&a.b=3&aa=4", "a-b=2&a.b=3&a=1&aa=4"),
        ("B=1&a=2", "B=1&a=2"),
        ("name=a+b", "name=a%2Bb"),
        ("name=a%2Bb", "name=a%2Bb"),
        ("name=a%20b", "name=a%20b"),
        ("name=a b", "name=a%20b"),
        ("name=%7e%7E~", "name=~~~"),
        ("name=a/b%2Fc", "name=a%2Fb%2Fc"),
        ("name=%e4%b8%ad", "name=%E4%B8%AD"),
        ("name=\xe4\xb8\xad", "name=%E4%B8%AD"),
        ("name=%ff%00%0a", "name=%FF%00%0A"),
        ("name=%ef%bf%bd", "name=%EF%BF%BD"),
        ("name=100%", "name=100%25"),
        ("authorization=x&a=1", "a=1"),
        ("Authorization=x&AUTHORIZATION&%61uthorization=y", ""),
        ("authorizations=x", "authorizations=x"),
        ("a=authorization", "a=authorization"),
    ],
)
def test_a_query(sent, expected):
    assert canonical_query(sent) == expected


def test_parameters_are_read_as_they_are_signed():
    assert signing.parameters("b=1+1&share&b=%ff%2b&&a=x=y") == [
        (b"b", b"1+1"),
        (b"share", b""),
        (b"b", b"\xff+"),
        (b"a", b"x=y"),
    ]


@pytest.mark.parametrize(
    ("signed_headers", "headers", "expected"),
    [
        ("host", HEADERS, "host:bcc.bj.baidubce.com"),
        ("host;host", HEADERS, "host:bcc.bj.baidubce.com"),
        ("x-bce-date;host", HEADERS, CANONICAL_HEADERS),
        ("Host;X-Bce-Date", HEADERS, CANONICAL_HEADERS),
        ("host;x-absent", HEADERS, "host:bcc.bj.baidubce.com"),
        ("host", {"host": "127.0.0.1:8000"}, "host:127.0.0.1%3A8000"),
        ("host", {"host": " \tx\r\n "}, "host:x"),
        ("host;x-a", {"host": "x", "x-a": ""}, "host:x"),
        ("host;x-a", {"host": "x", "x-a": " \t"}, "host:x"),
        ("host;x-a", {"host": "x", "x-a": "a  b"}, "host:x\nx-a:a%20%20b"),
        ("host;x-a", {"host": "x", "x-a": "a+b/~%41"}, "host:x\nx-a:a%2Bb%2F~%2541"),
        ("host;x-a", {"host": "x", "x-a": "1\nx-b:2"}, "host:x\nx-a:1%0Ax-b%3A2"),
        # "à" and "中" in UTF-8, one character per byte; the last byte of "à" looks like a space.
        ("host;x-a", {"host": "x", "x-a": "\xc3\xa0"}, "host:x\nx-a:%C3%A0"),
        ("host;x-a", {"host": "x", "x-a": "\xe4\xb8\xad"}, "host:x\nx-a:%E4%B8%AD"),
        ("host;x-a;x-a-b", {"host": "x", "x-a": "1", "x-a-b": "2"}, "host:x\nx-a-b:2\nx-a:1"),
        ("host;x_a*", {"host": "x", "x_a*": "1"}, "host:x\nx_a%2A:1"),
        (
            "",
            {
                "accept": "*/*",
                "authorization": "secret",
                "content-encoding": "gzip",
                "content-length": "2",
                "content-md5": "mZFLkyvTelC5g8XnyQrpOw==",
                "content-type": "application/json",
                "date": "Thu, 01 Jan 2026 00:00:00 GMT",
                "host": "x",
                "x-bc": "no",
                "x-bce-": "",
                "x-bce-a": "1",
                "x-bce-a-b": "2",
                "x-request-id": "no",
            },
            (
                "content-length:2\ncontent-md5:mZFLkyvTelC5g8XnyQrpOw%3D%3D\n"
                "content-type:application%2Fjson\nhost:x\nx-bce-a-b:2\nx-bce-a:1"
            ),
        ),
    ],
)
def test_headers(signed_headers, headers, expected):
    text = canonical(signed_headers=signed_headers, headers=headers)

    assert text == f"GET\n/v2/image\n\n{expected}"


# What each SDK sends, and the text that it signs

JSON = "application%2Fjson%3B%20charset%3DUTF-8"


@pytest.mark.parametrize(
    ("signed_headers", "text", "sent"),
    [
        pytest.param(
            "",
            f"DELETE\n/v2/image/m-1\n\ncontent-length:0\n{CANONICAL_HEADERS}",
            {
                "method": "DELETE",
                "path": "/v2/image/m-1",
                "headers": HEADERS | {"content-length": "0", "user-agent": "bce-sdk-python/0.9.79"},
            },
            id="python",
        ),
        pytest.param(
            "host;x-bce-date",
            f"POST\n/v2/image/m-1\nshare=\n{CANONICAL_HEADERS}",
            {
                "method": "POST",
                "path": "/v2/image/m-1",
                "query": "share=",
                "headers": HEADERS
                | {
                    "accept": "*/*",
                    "content-length": "2",
                    "content-type": "application/json;charset=utf-8",
                },
            },
            id="new python",
        ),
        pytest.param(
            "content-type;host;x-bce-date",
            "GET\n/v2/image\nimageName=a-b_c.d~e%21%2A%28%29%27\n"
            f"content-type:{JSON}\n{CANONICAL_HEADERS}",
            {
                "query": "imageName=a%2db%5fc%2ed%7ee%21%2a%28%29%27",
                "headers": HEADERS
                | {"connection": "close", "content-type": "application/json; charset=UTF-8"},
            },
            id="javascript GET",
        ),
        pytest.param(
            "content-length;content-type;host;x-bce-date",
            f"POST\n/v2/image/m-1\nunshare=\ncontent-length:2\ncontent-type:{JSON}\n"
            f"{CANONICAL_HEADERS}",
            {
                "method": "POST",
                "path": "/v2/image/m-1",
                "query": "unshare=",
                "headers": HEADERS
                | {"content-length": "2", "content-type": "application/json; charset=UTF-8"},
            },
            id="javascript POST",
        ),
        pytest.param(
            "content-length;content-md5;content-type;host;x-bce-date",
            "POST\n/v2/image/m-1\nshare=\ncontent-length:2\n"
            f"content-md5:mZFLkyvTelC5g8XnyQrpOw%3D%3D\ncontent-type:{JSON}\n{CANONICAL_HEADERS}",
            {
                "method": "POST",
                "path": "/v2/image/m-1",
                "query": "share",
                "headers": HEADERS
                | {
                    "accept-encoding": "gzip",
                    "content-length": "2",
                    "content-md5": "mZFLkyvTelC5g8XnyQrpOw==",
                    "content-type": "application/json; charset=UTF-8",
                    "x-bce-request-id": "e2e0f0a0-0000-4000-8000-000000000000",
                },
            },
            id="go",
        ),
        pytest.param(
            "",
            f"GET\n/v2/image\n\n{CANONICAL_HEADERS}\nx-bce-security-token:abc%3D",
            {"headers": HEADERS | {"x-bce-security-token": "abc="}},
            id="java, bare signer",
        ),
    ],
)
def test_what_an_sdk_sends(signed_headers, text, sent):
    assert canonical(signed_headers=signed_headers, **sent) == text
    assert signing.is_signed_by(SECRET, signed(text, signed_headers), request(**sent))


# An empty body, and what proxies make of its length


def headers_of_length(length):
    return HEADERS if length is None else HEADERS | {"content-length": length}


@pytest.mark.parametrize("was", [None, "0"])
@pytest.mark.parametrize("now", [None, "", "0"])
def test_the_length_of_an_empty_body_may_come_and_go(was, now):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")
    sent = request(headers=headers_of_length(now), has_body=False)

    assert signing.is_signed_by(SECRET, claim, sent)


@pytest.mark.parametrize(("was", "now"), [(None, "0"), ("0", None), ("0", "")])
def test_what_was_signed_as_empty_is_not_filled(was, now):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")

    assert not signing.is_signed_by(SECRET, claim, request(headers=headers_of_length(now)))


@pytest.mark.parametrize(
    ("was", "now"), [("0", "1"), ("1", "0"), ("1", None), (None, "1"), ("0", "00"), ("49", "0")]
)
@pytest.mark.parametrize("has_body", [False, True])
def test_any_other_length_stays(was, now, has_body):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")
    sent = request(headers=headers_of_length(now), has_body=has_body)

    assert not signing.is_signed_by(SECRET, claim, sent)


@pytest.mark.parametrize(("was", "now"), [(None, "0"), ("0", None)])
def test_a_length_that_is_listed_stays(was, now):
    listed = "content-length;host;x-bce-date"
    claim = signed(canonical(signed_headers=listed, headers=headers_of_length(was)), listed)
    sent = request(headers=headers_of_length(now), has_body=False)

    assert not signing.is_signed_by(SECRET, claim, sent)


def test_with_an_empty_body_all_else_is_still_covered():
    claim = signed(canonical(signed_headers="", headers=headers_of_length("0")), "")
    sent = request(has_body=False)

    assert signing.is_signed_by(SECRET, claim, sent)
    assert not signing.is_signed_by(SECRET, claim, replace(sent, method="DELETE"))
    assert not signing.is_signed_by(SECRET, claim, replace(sent, path="/v2/images"))
    assert not signing.is_signed_by(
        SECRET, claim, replace(sent, headers=HEADERS | {"x-bce-date": "2026-01-01T00:00:01Z"})
    )


# Tampering

SENT = request(
    method="POST",
    path="/v2/image/m-1",
    query="share&clientToken=t",
    headers=HEADERS
    | {
        "content-length": "49",
        "content-md5": "mZFLkyvTelC5g8XnyQrpOw==",
        "content-type": "application/json",
        "user-agent": "curl",
        "x-bce-request-id": "r",
    },
)
LISTED = "content-length;content-md5;content-type;host;x-bce-date;x-bce-request-id"


def with_header(name, value):
    return replace(SENT, headers={**SENT.headers, name: value})


def without_header(name):
    return replace(SENT, headers={key: SENT.headers[key] for key in SENT.headers if key != name})


@pytest.mark.parametrize("signed_headers", ["", LISTED], ids=["default", "listed"])
@pytest.mark.parametrize(
    "sent",
    [
        replace(SENT, method="PUT"),
        replace(SENT, method="post"),
        replace(SENT, path="/v2/image/m-2"),
        replace(SENT, path="/v2/image/M-1"),
        replace(SENT, path="/v2/image/m-1/"),
        replace(SENT, path="/v2//image/m-1"),
        replace(SENT, path="/v2/image%2Fm-1"),
        replace(SENT, path="/v2/./image/m-1"),
        replace(SENT, path="/v2/image/m-1%00"),
        replace(SENT, query=""),
        replace(SENT, query="unshare&clientToken=t"),
        replace(SENT, query="share=1&clientToken=t"),
        replace(SENT, query="share&clientToken=T"),
        replace(SENT, query="share&clientToken=t&clientToken=t"),
        replace(SENT, query="share&clientToken=t&more"),
        with_header("host", "bcc.gz.baidubce.com"),
        with_header("x-bce-date", "2026-01-01T00:00:01Z"),
        with_header("content-length", "50"),
        with_header("content-type", "text/plain"),
        with_header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
        with_header("x-bce-request-id", "s"),
        *(without_header(name) for name in LISTED.split(";")),
    ],
)
def test_what_is_covered_cannot_change(signed_headers, sent):
    claim = signed(canonical_of(SENT, signed_headers), signed_headers)

    assert signing.is_signed_by(SECRET, claim, SENT)
    assert not signing.is_signed_by(SECRET, claim, sent)


def canonical_of(sent, signed_headers):
    return signing.canonical_request(signing.parse(header(signed_headers=signed_headers)), sent)


@pytest.mark.parametrize(
    ("signed_headers", "sent"),
    [
        ("", with_header("user-agent", "wget")),
        ("", without_header("user-agent")),
        ("", with_header("x-forwarded-for", "192.0.2.1")),
        ("", with_header("authorization", "whatever")),
        ("host", with_header("x-bce-date", "2026-01-01T00:00:01Z")),
        ("host", without_header("x-bce-request-id")),
        ("host", with_header("content-type", "text/plain")),
        ("host", with_header("content-length", "50")),
        ("host", replace(SENT, query="clientToken=t&share=")),
        ("host", replace(SENT, path="/%76%32/image/%6D-1")),
    ],
)
def test_what_is_not_covered_may_change(signed_headers, sent):
    claim = signed(canonical_of(SENT, signed_headers), signed_headers)

    assert signing.is_signed_by(SECRET, claim, sent)


def test_a_header_cannot_be_added_to_the_default_set():
    claim = signed(canonical_of(SENT, ""), "")

    assert not signing.is_signed_by(SECRET, claim, with_header("x-bce-meta", "1"))


@pytest.mark.parametrize(
    "change",
    [{"key_id": "other"}, {"time": "2026-01-01T00:00:01Z"}, {"seconds": "1801"}],
)
def test_the_header_cannot_change(change):
    claim = signed(canonical_of(SENT, LISTED), LISTED)
    other = signing.parse(
        header(signed_headers=LISTED, signature=claim.signature, **change),
    )

    assert not signing.is_signed_by(SECRET, other, SENT)


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "0", SECRET.upper(), "ü"])
def test_another_secret(secret):
    assert not signing.is_signed_by(secret, signed(canonical_of(SENT, ""), ""), SENT)


@pytest.mark.parametrize("signed_headers", ["", "host;x-bce-date"])
@pytest.mark.parametrize("host", [{}, {"host": ""}, {"host": " "}])
def test_a_request_to_no_host(signed_headers, host):
    sent = request(headers={"x-bce-date": TIME} | host)
    claim = signed(canonical_of(sent, signed_headers), signed_headers)

    assert not signing.is_signed_by(SECRET, claim, sent)


# The SDK's own signer

# The same examples on every run.
steady = settings(derandomize=True, deadline=None, max_examples=60)
words = st.text(st.characters(codec="utf-8"), max_size=12)
# What a value of a header may be: no control characters, and no space at either end.
values = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
)
names = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=8)
usual = st.sampled_from(["content-type", "content-md5", "user-agent", "accept"])
digits = st.integers(0, 10**6).map(str)


@dataclass
class Call:
    """What a program asks the SDK for, before anything is encoded."""

    method: str
    path: list[str]
    params: dict[str, str]
    headers: dict[str, str]
    timestamp: int
    seconds: int
    listed: list[str]
    key_id: str = "ALTAK-0.a_b"
    secret: str = SECRET

    def authorization(self):
        """The header as the SDK makes it."""
        return bce_v1_signer.sign(
            BceCredentials(self.key_id, self.secret),
            self.method.encode(),
            self._path().encode(),
            {name.title().encode(): value.encode() for name, value in self.headers.items()},
            self.params,
            self.timestamp,
            self.seconds,
            [name.encode() for name in self.listed],
        ).decode()

    def request(self):
        """What comes out of the wire."""
        return signing.SignedRequest(
            method=self.method,
            path=self._path(),
            query=get_canonical_querystring(self.params, for_signature=False).decode(),
            headers={name: as_wsgi(value) for name, value in self.headers.items()},
        )

    def _path(self):
        return "/" + "/".join(quote(segment, safe="") for segment in self.path)


def as_wsgi(text):
    return text.encode().decode("latin-1")


@st.composite
def calls(draw):
    headers = {"host": draw(values), "x-bce-date": draw(values)}
    headers |= draw(st.dictionaries(usual | names | names.map("x-bce-{}".format), values))
    headers |= draw(st.just({}) | st.fixed_dictionaries({"content-length": digits}))
    # The SDK signs every x-bce-* header, also one that it does not list.
    bce = [name for name in headers if name == "host" or name.startswith("x-bce-")]
    listed = draw(st.sampled_from([[], bce, list(headers)]).flatmap(st.permutations))
    return Call(
        method=draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        path=draw(st.lists(words, max_size=4)),
        # The SDK means to leave `authorization` out, but does not.
        params=draw(
            st.dictionaries(words.filter(lambda key: key.lower() != "authorization"), words)
        ),
        headers=headers,
        timestamp=draw(st.integers(1, 253402300799)),
        seconds=draw(st.integers(1, 9999999999)),
        listed=listed,
    )


def is_accepted(authorization, sent):
    return signing.is_signed_by(SECRET, signing.parse(authorization), sent)


@steady
@given(calls())
def test_what_the_sdk_signs_is_accepted(call):
    claim = signing.parse(call.authorization())

    assert signing.is_signed_by(SECRET, claim, call.request())
    assert claim.access_key_id == "ALTAK-0.a_b"
    assert claim.timestamp == datetime.fromtimestamp(call.timestamp, UTC)
    assert claim.expires_in == timedelta(seconds=call.seconds)
    assert claim.signed_headers == tuple(call.listed)


def respelled(data, text):
    """The same bytes, some more of them encoded, in either case."""
    spellings = [
        lambda byte: f"%{byte:02x}",
        lambda byte: f"%{byte:02X}",
        lambda byte: chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}",
    ]
    choices = st.sampled_from(spellings)
    return "".join(data.draw(choices)(byte) for byte in text.encode())


@steady
@given(calls(), st.data())
def test_other_spellings_are_accepted(call, data):
    pairs = [
        respelled(data, key) + (f"={respelled(data, value)}" if value or not key else "")
        for key, value in data.draw(st.permutations(list(call.params.items())))
    ]
    sent = replace(
        call.request(),
        path="/" + "/".join(respelled(data, segment) for segment in call.path),
        query="&".join([*pairs, "Authorization=x"]),
    )

    assert is_accepted(call.authorization(), sent)


def changed(data, text):
    """The text with one character replaced."""
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from("az09-").filter(lambda new: new != text[at]))
    return text[:at] + character + text[at + 1 :]


def change_one_of(data, texts):
    """Replace one character in one of the texts that have any; whether there was one."""
    places = [key for key, text in texts if text]
    if places:
        place = data.draw(st.sampled_from(places))
        text = changed(data, dict(texts)[place])
        return place, text
    return None


@steady
@given(calls(), st.data())
def test_a_changed_path_is_refused(call, data):
    if change := change_one_of(data, list(enumerate(call.path))):
        at, text = change
        sent = replace(call, path=[*call.path[:at], text, *call.path[at + 1 :]]).request()

        assert not is_accepted(call.authorization(), sent)


@steady
@given(calls(), st.data())
def test_a_changed_query_is_refused(call, data):
    pairs = [text for pair in call.params.items() for text in pair]
    if change := change_one_of(data, list(enumerate(pairs))):
        at, text = change
        pairs[at] = text
        encoded = [quote(text, safe="") for text in pairs]
        query = "&".join(map("=".join, zip(encoded[::2], encoded[1::2], strict=True)))

        assert not is_accepted(call.authorization(), replace(call.request(), query=query))


@steady
@given(calls(), st.data())
def test_a_changed_header_is_refused_if_it_is_covered(call, data):
    covered = call.listed or [
        name
        for name in call.headers
        if name in {"host", "content-length", "content-type", "content-md5"}
        or name.startswith("x-bce-")
    ]
    name = data.draw(st.sampled_from(list(call.headers)))
    sent = call.request()
    sent.headers[name] = as_wsgi(changed(data, call.headers[name]))

    assert is_accepted(call.authorization(), sent) == (name not in covered)


@steady
@given(calls(), st.data())
def test_a_changed_authorization_is_refused(call, data):
    authorization = changed(data, call.authorization())

    with suppress(signing.InvalidAuthorization):
        assert not is_accepted(authorization, call.request())


@steady
@given(calls(), st.data())
def test_another_method_or_secret_is_refused(call, data):
    other = replace(call, method=changed(data, call.method))
    stranger = replace(call, secret=changed(data, SECRET))

    assert not is_accepted(call.authorization(), other.request())
    assert not is_accepted(stranger.authorization(), call.request())


@steady
@given(st.text() | st.text(header() + "/;"))
def test_no_text_breaks_the_reader(text):
    with suppress(signing.InvalidAuthorization):
        signing.parse(text)


@steady
@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_no_bytes_break_the_check(one, other):
    sent = request(path=f"/{one}", query=other, headers=HEADERS | {"x-bce-meta": one})

    assert not signing.is_signed_by(SECRET, signing.parse(header(signed_headers="")), sent)
