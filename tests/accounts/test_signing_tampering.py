"""Changed requests are refused. Requests signed by the Python SDK are accepted."""

from __future__ import annotations

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

from .signatures import HEADERS, SECRET, TIME, header, request, signed

# The SDK uses datetime functions that are deprecated since Python 3.12.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")

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


# Tampering


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
def test_a_change_of_a_signed_part_is_refused(signed_headers, sent):
    claim = signed(canonical_of(SENT, signed_headers), signed_headers)

    assert signing.is_signed_by(SECRET, claim, SENT)
    assert not signing.is_signed_by(SECRET, claim, sent)


def canonical_of(sent, signed_headers):
    return signing.build_canonical_request(
        signing.parse(header(signed_headers=signed_headers)), sent
    )


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
def test_a_change_of_an_unsigned_part_is_accepted(signed_headers, sent):
    claim = signed(canonical_of(SENT, signed_headers), signed_headers)

    assert signing.is_signed_by(SECRET, claim, sent)


def test_a_header_cannot_be_added_to_the_default_set():
    claim = signed(canonical_of(SENT, ""), "")

    assert not signing.is_signed_by(SECRET, claim, with_header("x-bce-meta", "1"))


@pytest.mark.parametrize(
    "change",
    [{"key_id": "other"}, {"time": "2026-01-01T00:00:01Z"}, {"seconds": "1801"}],
)
def test_a_change_of_the_authorization_header_is_refused(change):
    claim = signed(canonical_of(SENT, LISTED), LISTED)
    other = signing.parse(
        header(signed_headers=LISTED, signature=claim.signature, **change),
    )

    assert not signing.is_signed_by(SECRET, other, SENT)


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "0", SECRET.upper(), "ü"])
def test_another_secret_is_refused(secret):
    assert not signing.is_signed_by(secret, signed(canonical_of(SENT, ""), ""), SENT)


@pytest.mark.parametrize("signed_headers", ["", "host;x-bce-date"])
@pytest.mark.parametrize("host", [{}, {"host": ""}, {"host": " "}])
def test_a_request_without_a_host_is_refused(signed_headers, host):
    sent = request(headers={"x-bce-date": TIME} | host)
    claim = signed(canonical_of(sent, signed_headers), signed_headers)

    assert not signing.is_signed_by(SECRET, claim, sent)


# The same examples on every run
steady = settings(derandomize=True, deadline=None, max_examples=60)
words = st.text(st.characters(codec="utf-8"), max_size=12)


# Valid header values: no control characters, and no spaces
values = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
)


names = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=8)
usual = st.sampled_from(["content-type", "content-md5", "user-agent", "accept"])
digits = st.integers(0, 10**6).map(str)


@dataclass
class Call:
    """A call that a program makes with the SDK, before anything is encoded."""

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
        """Return the Authorization header that the SDK sends."""
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
        """Return the request that the server receives."""
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
    # The SDK signs every x-bce-* header, even if it is not in the list.
    bce = [name for name in headers if name == "host" or name.startswith("x-bce-")]
    listed = draw(st.sampled_from([[], bce, list(headers)]).flatmap(st.permutations))
    return Call(
        method=draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        path=draw(st.lists(words, max_size=4)),
        # The SDK tries to leave `authorization` out, but fails.
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


# The SDK's own signer


@steady
@given(calls())
def test_requests_signed_by_the_sdk_are_accepted(call):
    claim = signing.parse(call.authorization())

    assert signing.is_signed_by(SECRET, claim, call.request())
    assert claim.access_key_id == "ALTAK-0.a_b"
    assert claim.timestamp == datetime.fromtimestamp(call.timestamp, UTC)
    assert claim.expires_in == timedelta(seconds=call.seconds)
    assert claim.signed_headers == tuple(call.listed)


def respelled(data, text):
    """Return the same bytes with other ones percent-encoded, in upper or lower case."""
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
    """Return the text with one character replaced."""
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from("az09-").filter(lambda new: new != text[at]))
    return text[:at] + character + text[at + 1 :]


def change_one_of(data, texts):
    """Return the key of one text, and that text changed. Return None if all are empty."""
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
def test_a_changed_header_is_refused_if_it_is_signed(call, data):
    signed_names = call.listed or [
        name
        for name in call.headers
        if name in {"host", "content-length", "content-type", "content-md5"}
        or name.startswith("x-bce-")
    ]
    name = data.draw(st.sampled_from(list(call.headers)))
    sent = call.request()
    sent.headers[name] = as_wsgi(changed(data, call.headers[name]))

    assert is_accepted(call.authorization(), sent) == (name not in signed_names)


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
def test_no_text_breaks_the_parser(text):
    with suppress(signing.InvalidAuthorization):
        signing.parse(text)


@steady
@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_no_bytes_break_the_check(one, other):
    sent = request(path=f"/{one}", query=other, headers=HEADERS | {"x-bce-meta": one})

    assert not signing.is_signed_by(SECRET, signing.parse(header(signed_headers="")), sent)
