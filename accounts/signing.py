"""BCE auth v1: check that a request was signed with the secret of an access key, and when.

The scheme is Baidu's ("generating an authentication string"). How its SDKs implement it was found
by running them. This module does not use Django requests, the database or the settings.

A signature covers the method, the path, the query and some headers. It does not cover the order of
query parameters, a parameter called `authorization`, unsigned headers, or the body apart from its
length (and Content-MD5, if that is compared). Nothing may depend on what it does not cover.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from django.utils.http import parse_http_date

from .exceptions import Refused

LONGEST_SKEW = timedelta(minutes=30)
# The client chooses the expiry. Without a cap, a captured request could be replayed forever.
LONGEST_EXPIRY = timedelta(seconds=86400)

DEFAULT_HEADERS = frozenset({"host", "content-length", "content-type", "content-md5"})
# Without a body these lengths mean the same, and proxies replace one with the other.
OTHER_EMPTY_LENGTH = {"": "0", "0": ""}

TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
TOKEN = r"[0-9A-Za-z!#$%&'*+.^_`|~-]+"  # noqa: S105 - a header's name (RFC 9110, 5.6.2)
AUTHORIZATION = re.compile(
    r"(?P<prefix>bce-auth-v1"
    r"/(?P<access_key_id>[0-9A-Za-z._-]{1,64})"
    rf"/(?P<timestamp>{TIME})"
    r"/(?P<expires_in>[1-9][0-9]{0,9}))"
    rf"/(?P<signed_headers>(?:{TOKEN}(?:;{TOKEN})*)?)"
    r"/(?P<signature>[0-9a-f]{64})"
)


# Only developers of API clients read these sentences, so they are not translated.
class InvalidAuthorization(Refused):
    code = "invalid-authorization"
    sentence = "The Authorization header or the request date can't be parsed."


class RequestExpired(Refused):
    code = "request-expired"
    sentence = "The request signature has expired. It was created at %(timestamp)s."


class RequestTimeTooSkewed(Refused):
    code = "request-time-too-skewed"
    sentence = "The request time differs from the server time by more than 30 minutes."


class SignatureDoesNotMatch(Refused):
    code = "signature-does-not-match"
    sentence = "The request doesn't match its signature."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as received, in strings of one character per byte (as in PEP 3333).

    `path` and `query` are still percent-encoded. `headers` are the headers really sent, by
    lower-case name. `has_body` is True if a body was sent, whatever the headers say.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(repr=False)  # has the signature, which must not be logged
    has_body: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A parsed Authorization header, not verified yet.

    `prefix` is the text of its first four parts. Empty `signed_headers` mean the default set.
    """

    access_key_id: str
    timestamp: datetime
    expires_in: timedelta
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    prefix: str

    @property
    def expired(self) -> RequestExpired:
        """The refusal, with the time as the client wrote it."""
        return RequestExpired(timestamp=self.prefix.split("/")[2])


def parse(authorization: str) -> Claim:
    """Parse `bce-auth-v1/{key}/{timestamp}/{seconds}/{signed headers}/{signature}`.

    Raises InvalidAuthorization, also if the signed headers are listed without `host`.
    """
    parts = AUTHORIZATION.fullmatch(authorization)
    if parts is None:
        raise InvalidAuthorization
    names = parts["signed_headers"].lower()
    signed_headers = tuple(names.split(";")) if names else ()
    if signed_headers and "host" not in signed_headers:
        raise InvalidAuthorization
    return Claim(
        access_key_id=parts["access_key_id"],
        timestamp=_parse_time(parts["timestamp"]),
        expires_in=timedelta(seconds=int(parts["expires_in"])),
        signed_headers=signed_headers,
        signature=parts["signature"],
        prefix=parts["prefix"],
    )


def check_time(claim: Claim, headers: Mapping[str, str], now: datetime) -> None:
    """Check that the request was signed and sent at about the time `now`.

    `headers` are those of a SignedRequest. The time of sending is x-bce-date, else Date, else the
    time of signing. Raises RequestExpired, RequestTimeTooSkewed, or InvalidAuthorization if the
    header has neither the time format of the claim nor that of HTTP.
    """
    # Subtract: an expiry added to the year 9999 would overflow.
    if now - claim.timestamp > min(claim.expires_in, LONGEST_EXPIRY):
        raise claim.expired
    date = headers.get("x-bce-date", "").strip() or headers.get("date", "").strip()
    sent_at = _parse_time(date) if date else claim.timestamp
    if max(abs(sent_at - now), claim.timestamp - now) > LONGEST_SKEW:
        raise RequestTimeTooSkewed


def is_signed_by(secret: str, claim: Claim, request: SignedRequest) -> bool:
    """Return True if `secret` signed this request at the time in `claim`."""
    if not request.headers.get("host", "").strip():  # else it would be valid for any host
        return False
    return any(
        hmac.compare_digest(compute_signature(secret, claim, variant), claim.signature)
        for variant in _iterate_variants(claim, request)
    )


def compute_signature(secret: str, claim: Claim, request: SignedRequest) -> str:
    """Return the expected signature of this request, in hex. The signing key is a hex text too."""
    return _hmac(_hmac(secret, claim.prefix), build_canonical_request(claim, request))


def build_canonical_request(claim: Claim, request: SignedRequest) -> str:
    """Return the text to sign, the same for all equivalent spellings of this request."""
    return "\n".join(
        (
            request.method,
            _canonicalize_path(request.path),
            _canonicalize_query(request.query),
            _canonicalize_headers(claim.signed_headers, request.headers),
        )
    )


def parse_parameters(query: str) -> list[tuple[bytes, bytes]]:
    """Return the keys and values of a query as signatures see them: `+` is a plus, `a` is `a=`."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(_percent_decode(key), _percent_decode(value)) for key, _, value in parts]


def _iterate_variants(claim: Claim, request: SignedRequest) -> Iterator[SignedRequest]:
    """Yield the request, and the request it may have been before a proxy rewrote it."""
    yield request
    # Only without any body: a request signed as empty must not get a body on its way, for example
    # in chunks. A client that lists its signed headers lists a length only if it sends one.
    length = request.headers.get("content-length", "").strip()
    if not claim.signed_headers and not request.has_body and length in OTHER_EMPTY_LENGTH:
        headers = {**request.headers, "content-length": OTHER_EMPTY_LENGTH[length]}
        yield replace(request, headers=headers)


def _canonicalize_path(path: str) -> str:
    # By segment, to keep an encoded slash encoded: /a%2Fb and /a/b are different paths.
    return "/".join(_percent_encode(_percent_decode(segment)) for segment in path.split("/"))


def _canonicalize_query(query: str) -> str:
    # Clients differ in what they encode on the wire, so decode and encode again.
    return "&".join(
        sorted(
            f"{_percent_encode(key)}={_percent_encode(value)}"
            for key, value in parse_parameters(query)
            if key.lower() != b"authorization"
        )
    )


def _canonicalize_headers(signed_headers: tuple[str, ...], headers: Mapping[str, str]) -> str:
    names = set(signed_headers) or {
        name for name in headers if name in DEFAULT_HEADERS or name.startswith("x-bce-")
    }
    # Strip bytes, not text: in text, part of a UTF-8 character may count as a space.
    values = {name: _to_bytes(headers.get(name, "")).strip() for name in names}
    return "\n".join(
        sorted(
            f"{_percent_encode(_to_bytes(name))}:{_percent_encode(value)}"
            for name, value in values.items()
            if value
        )
    )


def _parse_time(text: str) -> datetime:
    try:
        if re.fullmatch(TIME, text):
            return datetime.fromisoformat(text)
        return datetime.fromtimestamp(parse_http_date(text), UTC)
    except ValueError:
        raise InvalidAuthorization from None


def _to_bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _percent_decode(text: str) -> bytes:
    return unquote_to_bytes(_to_bytes(text))


def _percent_encode(data: bytes) -> str:
    return quote(data, safe="")  # keeps A-Z a-z 0-9 - . _ ~ as the scheme does


def _hmac(key: str, text: str) -> str:
    return hmac.digest(key.encode(), text.encode(), "sha256").hex()
