"""Programs that call the API, and what holds for every answer that they get."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from baidubce.auth.bce_credentials import BceCredentials
from baidubce.auth.bce_v1_signer import sign
from baidubce.utils import get_canonical_querystring
from django.test import Client
from django.test.client import FakePayload

from ...factories import (
    SECRET,
    ImageFactory,
    InstanceFactory,
)

if TYPE_CHECKING:
    from accounts.models import AccessKey

HOST = "bcc.bj.example"
JSON = "application/json; charset=utf-8"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NO_SUCH_OBJECT = (404, "NoSuchObject", "The specified object does not exist.")
DENIED = (403, "AccessDenied", "Access denied.")
MALFORMED = (400, "MalformedJSON", "The JSON you provided was not well-formed.")


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def send(method, target, headers, body=b""):
    """Send these headers and no others, and the path and query as they are spelled here."""
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "wsgi.input": FakePayload(body),
    }
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        is_special = variable in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        environ[variable if is_special else f"HTTP_{variable}"] = value
    answer: Any = Client().request(**environ)
    hold_to_the_wire(answer)
    return answer


def hold_to_the_wire(answer):
    """What is so of every answer of the API, whatever it was asked."""
    assert answer["Content-Type"] in {JSON, "application/json"}
    assert UUID.fullmatch(answer["x-bce-request-id"])
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert "Location" not in answer
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]
    said = answer.json()
    if answer.status_code == 200:
        assert isinstance(said, dict)
        assert "requestId" not in said
    else:
        assert answer.status_code >= 400
        assert set(said) == {"requestId", "code", "message"}
        assert said["requestId"] == answer["x-bce-request-id"]
        assert said["code"]
        assert said["message"]


def done(answer):
    """The content of an answer that is no refusal."""
    assert answer.status_code == 200, answer.content
    return answer.json()


def refusal(answer):
    assert answer.status_code != 200, answer.content
    said = answer.json()
    return answer.status_code, said["code"], said["message"]


def authorization(key_id, canonical, signed_headers="", *, at=None, secret=SECRET):
    """The header of a client that signs the text `canonical`, made as Baidu's pages say it."""
    prefix = f"bce-auth-v1/{key_id}/{at or now()}/1800"
    return f"{prefix}/{signed_headers}/{hmac_hex(hmac_hex(secret, prefix), canonical)}"


def hmac_hex(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass
class Program:
    """A program that has an access key and signs as the official Python SDK does."""

    key: AccessKey
    secret: str = SECRET
    host: str = HOST

    def __call__(self, method, path, body=None, *, headers=None, **query):
        """Send `body`: bytes or a text as it is, anything else as JSON, None for no body."""
        content = as_bytes(body)
        sent = self.signed(method, path, content, query, headers or {})
        spelling = get_canonical_querystring(query, for_signature=False).decode()
        return send(method, f"{path}?{spelling}" if spelling else path, sent, content)

    def signed(  # noqa: PLR0913 - so much there is to sign
        self, method, path, content, query, headers, *, at=0, seconds=1800
    ):
        """The headers to send, with the signature among them."""
        sent = {
            "Host": self.host,
            "x-bce-date": now(),
            "Content-Length": str(len(content)),
            "User-Agent": "bce-sdk-python/0.9.79",
            **headers,
        }
        with warnings.catch_warnings():
            # The SDK's way to a date is deprecated from Python 3.12 on.
            warnings.simplefilter("ignore", DeprecationWarning)
            signature = sign(
                BceCredentials(self.key.key_id, self.secret),
                method.encode(),
                path.encode(),
                {name.encode(): value for name, value in sent.items()},
                query,
                timestamp=at,
                expiration_in_seconds=seconds,
            )
        return {"Authorization": signature.decode(), **sent}


def as_bytes(body):
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


NO_SUCH_KEY = (
    403,
    "InvalidAccessKeyId",
    "The Access Key ID you provided does not exist in our records.",
)


def things_of(account):
    """An image and an instance of the account: what the placeholders of WRONG and TEXTS name."""
    image = ImageFactory.create(owner=account, image_id="m-abcdefgh")
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    return image
