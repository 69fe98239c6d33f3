"""BCE auth v1: whether a request was signed with the secret of an access key, and when.

The scheme is Baidu's ("generating an authentication string"); what its SDKs make of it was found
by running them. Nothing here needs a request of Django's, the database or the settings.

A signature covers the method, the path, the query and some headers. Not covered, so nothing may
depend on them: the order of the query's parameters, a parameter called `authorization`, headers
that are not signed, and of the body all but its length (and Content-MD5, if that is compared).
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
# The client chooses the expiry. Without a cap, a request seen once could be sent again for ever.
LONGEST_EXPIRY = timedelta(seconds=86400)

DEFAULT_HEADERS = frozenset({"host", "content-length", "content-type", "content-md5"})
# On a request without a body these mean the same, and proxies make one of the other.
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


# Only programs and their authors read these sentences, so they are not translated.
class InvalidAuthorization(Refused):
    code = "invalid-authorization"
    sentence = "The Authorization header, or the date of the request, cannot be read."


class RequestExpired(Refused):
    code = "request-expired"
    sentence = "The signature of this request has expired. It was made at %(timestamp)s."


class RequestTimeTooSkewed(Refused):
    code = "request-time-too-skewed"
    sentence = "The time of this request is more than 30 minutes away from the server's."


class SignatureDoesNotMatch(Refused):
    code = "signature-does-not-match"
    sentence = "This request is not what was signed, or was signed with another secret."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as it came over the wire, in strings of one character per byte (as in PEP 3333).

    `path` and `query` are still percent-encoded. `headers` are those that were really sent, by
    lower-case name. `has_body` is whether a body was there, whatever the headers say of it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(repr=False)  # with a signature, which no log may have
    has_body: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an Authorization header says; nothing of it is proved yet.

    `prefix` is the text of its first four parts. No `signed_headers` stand for the default set.
    """

    access_key_id: str
    timestamp: datetime
    expires_in: timedelta
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    prefix: str


def parse(authorization: str) -> Claim:
    """Read `bce-auth-v1/{key}/{timestamp}/{seconds}/{signed headers}/{signature}`.

    Raises InvalidAuthorization, also for a list of signed headers without `host`.
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
        timestamp=_moment(parts["timestamp"]),
        expires_in=timedelta(seconds=int(parts["expires_in"])),
        signed_headers=signed_headers,
        signature=parts["signature"],
        prefix=parts["prefix"],
    )


def check_time(claim: Claim, headers: Mapping[str, str], now: datetime) -> None:
    """Check that the request was signed, and sent, about now.

    `headers` are a SignedRequest's. When it was sent is in x-bce-date, else in Date, else it is
    when it was signed. Raises RequestExpired, RequestTimeTooSkewed, or InvalidAuthorization if
    the header is neither a time like the claim's nor one of HTTP's.
    """
    # Subtracted, because the year 9999 and an expiry cannot be added.
    if now - claim.timestamp > min(claim.expires_in, LONGEST_EXPIRY):
        raise RequestExpired(timestamp=claim.prefix.split("/")[2])
    date = headers.get("x-bce-date", "").strip() or headers.get("date", "").strip()
    sent_at = _moment(date) if date else claim.timestamp
    if max(abs(sent_at - now), claim.timestamp - now) > LONGEST_SKEW:
        raise RequestTimeTooSkewed


def is_signed_by(secret: str, claim: Claim, request: SignedRequest) -> bool:
    """Whether the holder of `secret` made this request, at the time that `claim` says."""
    if not request.headers.get("host", "").strip():  # it would be as good at any other host
        return False
    return any(
        hmac.compare_digest(signature(secret, claim, each), claim.signature)
        for each in _as_may_have_been_sent(claim, request)
    )


def signature(secret: str, claim: Claim, request: SignedRequest) -> str:
    """What the signature of this request should be, in hex. The key is a hex text, too."""
    return _hmac(_hmac(secret, claim.prefix), canonical_request(claim, request))


def canonical_request(claim: Claim, request: SignedRequest) -> str:
    """The one text for all spellings of this request that mean the same."""
    return "\n".join(
        (
            request.method,
            _canonical_path(request.path),
            _canonical_query(request.query),
            _canonical_headers(claim.signed_headers, request.headers),
        )
    )


def parameters(query: str) -> list[tuple[bytes, bytes]]:
    """The keys and values of a query as signatures see them: `+` is a plus, `a` is `a=`."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(_decoded(key), _decoded(value)) for key, _, value in parts]


def _as_may_have_been_sent(claim: Claim, request: SignedRequest) -> Iterator[SignedRequest]:
    """The request, and what a proxy may have made it of."""
    yield request
    # Only with no body at all: what was signed as empty must not be filled on its way, say in
    # chunks. A client that lists what it signs lists a length only if it sends one.
    length = request.headers.get("content-length", "").strip()
    if not claim.signed_headers and not request.has_body and length in OTHER_EMPTY_LENGTH:
        headers = {**request.headers, "content-length": OTHER_EMPTY_LENGTH[length]}
        yield replace(request, headers=headers)


def _canonical_path(path: str) -> str:
    # By segments, so that an encoded slash stays one: /a%2Fb is another path than /a/b.
    return "/".join(_encoded(_decoded(segment)) for segment in path.split("/"))


def _canonical_query(query: str) -> str:
    # Clients differ in what they encode on the wire, hence decode and encode.
    return "&".join(
        sorted(
            f"{_encoded(key)}={_encoded(value)}"
            for key, value in parameters(query)
            if key.lower() != b"authorization"
        )
    )


def _canonical_headers(signed_headers: tuple[str, ...], headers: Mapping[str, str]) -> str:
    names = set(signed_headers) or {
        name for name in headers if name in DEFAULT_HEADERS or name.startswith("x-bce-")
    }
    # Stripped as bytes: as text, half of a UTF-8 character may count as a space.
    values = {name: _bytes(headers.get(name, "")).strip() for name in names}
    return "\n".join(
        sorted(
            f"{_encoded(_bytes(name))}:{_encoded(value)}" for name, value in values.items() if value
        )
    )


def _moment(text: str) -> datetime:
    try:
        if re.fullmatch(TIME, text):
            return datetime.fromisoformat(text)
        return datetime.fromtimestamp(parse_http_date(text), UTC)
    except ValueError:
        raise InvalidAuthorization from None


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _decoded(text: str) -> bytes:
    return unquote_to_bytes(_bytes(text))


def _encoded(data: bytes) -> str:
    return quote(data, safe="")  # keeps A-Z a-z 0-9 - . _ ~ as the scheme does


def _hmac(key: str, text: str) -> str:
    return hmac.digest(key.encode(), text.encode(), "sha256").hex()
