"""Authenticate API requests, and read the region from the host name.

Source: BCE's "Generating an authentication string". accounts/signing.py computes the signature;
this module reads it from Django's request and looks up the access key.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import quote

import structlog
from django.conf import settings
from django.http import HttpRequest

from accounts import keys, signing, sso
from accounts.actors import get_client_address
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest
from accounts.models import AccessKey
from images.models import Region

from . import errors

log = structlog.get_logger("console.api")


def authenticate(request: ConsoleRequest) -> tuple[AccessKey, signing.Claim]:
    """Return the access key that signed the request, with its person and account, and its claim.

    Raises errors.NotSigned, errors.BodyIsNotAsSigned, keys.NoSuchAccessKey,
    signing.SignatureDoesNotMatch, and what signing.parse and signing.check_time raise.
    """
    signed = build_signed_request(request)
    authorization = signed.headers.get("authorization")
    if not authorization:
        raise errors.NotSigned
    claim = signing.parse(authorization)
    key = keys.find_usable(claim.access_key_id)
    if key is None:
        record_misuse(request, claim, keys.AccessKeyNotUsable())
        raise keys.NoSuchAccessKey
    try:
        secret = keys.decrypt_secret(key)
    except keys.UnreadableSecret:
        log.exception("access_key_unreadable")
        raise keys.NoSuchAccessKey from None
    if not signing.is_signed_by(secret, claim, signed):
        record_misuse(request, claim, keys.WrongSignature())
        raise signing.SignatureDoesNotMatch
    signing.check_time(claim, signed.headers, datetime.now(UTC))
    check_digest(signed, request.body)
    try:
        key.user = sso.confirm(key.user)
    except sso.NotConfirmed:
        raise keys.NoSuchAccessKey from None
    keys.touch(key)
    return key, claim


def record_misuse(request: ConsoleRequest, claim: signing.Claim, refusal: Refused) -> None:
    address = get_client_address(request)
    keys.record_misuse(claim.access_key_id, refusal, address=address, request_id=request.request_id)


def build_signed_request(request: HttpRequest) -> signing.SignedRequest:
    """Return the request as it was on the wire, one character per byte."""
    environ = request.META
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = str(environ[name])
    return signing.SignedRequest(
        method=request.method or "",
        path=quote(request.path_info),  # Django has decoded it
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        has_body=bool(request.body),
    )


def check_digest(signed: signing.SignedRequest, body: bytes) -> None:
    """Compare the body with the digests in its headers. Raises errors.BodyIsNotAsSigned."""
    sha256 = signed.headers.get("x-bce-content-sha256", "").lower()
    md5 = signed.headers.get("content-md5", "")
    if sha256 and sha256 != hashlib.sha256(body).hexdigest():
        raise errors.BodyIsNotAsSigned
    if md5 and md5 != b64encode(hashlib.md5(body).digest()).decode():  # noqa: S324 - RFC 1864
        raise errors.BodyIsNotAsSigned


def get_region_label(host: str) -> str:
    """Return the possible region code in a host name: `bj` in bcc.bj.example and bj.example."""
    labels = host.partition(":")[0].lower().split(".")
    first = labels[1:] if labels[0] == "bcc" else labels
    return first[0] if len(first) > 1 and first[0].isalpha() else ""


def get_region_code(host: str) -> str:
    """Return the region code in the host name, or the default region's code."""
    label = get_region_label(host)
    is_region = label and Region.objects.filter(code=label).exists()
    return label if is_region else settings.API_DEFAULT_REGION
