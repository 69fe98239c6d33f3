"""The canonical form of each spelling of a request, and the requests of the official SDKs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts import signing

from .signatures import CANONICAL_HEADERS, HEADERS, SECRET, canonical, request, signed

# The SDK uses datetime functions that are deprecated since Python 3.12.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")


def canonical_path(path):
    return canonical(path=path).split("\n")[1]


def canonical_query(query):
    return canonical(query=query).split("\n")[2]


# Canonical forms


def test_the_canonical_request_joins_its_parts():
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
def test_every_spelling_of_a_path_has_one_canonical_form(sent, expected):
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
def test_every_spelling_of_a_query_has_one_canonical_form(sent, expected):
    assert canonical_query(sent) == expected


def test_parameters_are_parsed_as_they_are_signed():
    assert signing.parse_parameters("b=1+1&share&b=%ff%2b&&a=x=y") == [
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
def test_every_spelling_of_headers_has_one_canonical_form(signed_headers, headers, expected):
    text = canonical(signed_headers=signed_headers, headers=headers)

    assert text == f"GET\n/v2/image\n\n{expected}"


JSON = "application%2Fjson%3B%20charset%3DUTF-8"


# What each SDK sends and signs


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
def test_the_request_of_each_sdk_is_accepted(signed_headers, text, sent):
    assert canonical(signed_headers=signed_headers, **sent) == text
    assert signing.is_signed_by(SECRET, signed(text, signed_headers), request(**sent))


def headers_of_length(length):
    return HEADERS if length is None else HEADERS | {"content-length": length}


# The length of an empty body, which proxies may change


@pytest.mark.parametrize("was", [None, "0"])
@pytest.mark.parametrize("now", [None, "", "0"])
def test_the_length_of_an_empty_body_may_be_added_or_removed(was, now):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")
    sent = request(headers=headers_of_length(now), has_body=False)

    assert signing.is_signed_by(SECRET, claim, sent)


@pytest.mark.parametrize(("was", "now"), [(None, "0"), ("0", None), ("0", "")])
def test_a_request_signed_as_empty_cannot_have_a_body(was, now):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")

    assert not signing.is_signed_by(SECRET, claim, request(headers=headers_of_length(now)))


@pytest.mark.parametrize(
    ("was", "now"), [("0", "1"), ("1", "0"), ("1", None), (None, "1"), ("0", "00"), ("49", "0")]
)
@pytest.mark.parametrize("has_body", [False, True])
def test_any_other_change_of_the_length_is_refused(was, now, has_body):
    claim = signed(canonical(signed_headers="", headers=headers_of_length(was)), "")
    sent = request(headers=headers_of_length(now), has_body=has_body)

    assert not signing.is_signed_by(SECRET, claim, sent)


@pytest.mark.parametrize(("was", "now"), [(None, "0"), ("0", None)])
def test_a_change_of_a_listed_length_is_refused(was, now):
    listed = "content-length;host;x-bce-date"
    claim = signed(canonical(signed_headers=listed, headers=headers_of_length(was)), listed)
    sent = request(headers=headers_of_length(now), has_body=False)

    assert not signing.is_signed_by(SECRET, claim, sent)


def test_with_an_empty_body_everything_else_is_still_signed():
    claim = signed(canonical(signed_headers="", headers=headers_of_length("0")), "")
    sent = request(has_body=False)

    assert signing.is_signed_by(SECRET, claim, sent)
    assert not signing.is_signed_by(SECRET, claim, replace(sent, method="DELETE"))
    assert not signing.is_signed_by(SECRET, claim, replace(sent, path="/v2/images"))
    assert not signing.is_signed_by(
        SECRET, claim, replace(sent, headers=HEADERS | {"x-bce-date": "2026-01-01T00:00:01Z"})
    )
