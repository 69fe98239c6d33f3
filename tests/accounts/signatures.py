"""Requests and signatures for the tests of signing."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from accounts import signing

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
    return signing.build_canonical_request(claim, request(**rest))


def hmac_hex(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(canonical_request, signed_headers="host;x-bce-date", **rest):
    """Return the claim of a client that signs `canonical_request` as BCE's text describes."""
    prefix = "/".join(header(**rest).split("/")[:4])
    signature = hmac_hex(hmac_hex(SECRET, prefix), canonical_request)
    return signing.parse(header(signed_headers=signed_headers, signature=signature, **rest))
