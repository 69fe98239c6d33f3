"""BCE auth v1: fixed vectors, the Authorization header and the times."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from accounts import signing
from accounts.exceptions import Refused

from .signatures import HEADERS, HEX, HOST, KEY_ID, NOW, SECRET, TIME, header, request

# The SDK uses datetime functions that are deprecated since Python 3.12.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")


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
def test_the_signature_equals_that_of_the_sdk(signed_headers, signature, sent):
    claim = signing.parse(header(signed_headers=signed_headers, signature=signature))

    assert signing.compute_signature(SECRET, claim, request(**sent)) == signature
    assert signing.is_signed_by(SECRET, claim, request(**sent))


# The header


def test_a_header_is_parsed():
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


def test_a_header_without_signed_headers_means_the_default_set():
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
def test_an_invalid_header_is_refused(authorization):
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


def test_repr_does_not_show_the_signature():
    assert HEX not in repr(signing.parse(header()))
    assert HEX not in repr(request(headers=HEADERS | {"authorization": header()}))


def check(after=timedelta(0), headers=HEADERS, **claim):
    signing.check_time(signing.parse(header(**claim)), headers, NOW + after)


def at(seconds):
    """Return the headers of a request that was sent this many seconds after it was signed."""
    return {"x-bce-date": f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"}


# Times


@pytest.mark.parametrize("seconds", ["1", "1800", "3600", "86400"])
def test_a_signature_is_valid_until_it_expires(seconds):
    last = int(seconds)

    check(timedelta(seconds=last), at(last), seconds=seconds)
    with pytest.raises(signing.RequestExpired, match="2026-01-01T00:00:00Z") as refusal:
        check(timedelta(seconds=last, microseconds=1), at(last), seconds=seconds)

    assert refusal.value.facts == {"timestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("seconds", ["86401", "315360000", "9999999999"])
def test_no_signature_is_valid_for_more_than_a_day(seconds):
    check(timedelta(seconds=86400), at(86400), seconds=seconds)
    with pytest.raises(signing.RequestExpired):
        check(timedelta(seconds=86401), at(86400), seconds=seconds)


@pytest.mark.parametrize("years", ["0001", "1000", "2016"])
def test_a_very_old_signature_has_expired(years):
    with pytest.raises(signing.RequestExpired, match=years):
        check(time=f"{years}-01-01T00:00:00Z", seconds="9999999999")


@pytest.mark.parametrize("time", ["2026-01-01T00:30:01Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("headers", [{}, HEADERS], ids=["undated", "dated"])
def test_a_signing_time_in_the_future_is_refused(time, headers):
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
def test_the_request_date_may_differ_by_half_an_hour(headers, is_too_early, is_too_late):
    if is_too_early or is_too_late:
        with pytest.raises(signing.RequestTimeTooSkewed):
            check(headers=headers)
    else:
        check(headers=headers)


def test_without_a_request_date_the_signing_time_is_used():
    check(timedelta(minutes=30), headers={}, seconds="86400")
    with pytest.raises(signing.RequestTimeTooSkewed):
        check(timedelta(minutes=30, seconds=1), headers={}, seconds="86400")


def test_a_request_signed_and_sent_an_hour_ago_has_expired():
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
def test_an_invalid_date_is_refused(name, text):
    with pytest.raises(signing.InvalidAuthorization):
        check(headers={name: text})
