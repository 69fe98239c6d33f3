"""Programs that call the API, and checks of every response."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from baidubce.auth.bce_credentials import BceCredentials
from baidubce.auth.bce_v1_signer import sign
from baidubce.utils import get_canonical_querystring
from django.test import Client
from django.test.client import FakePayload

from accounts.models import AccessKey

from ...factories import (
    SECRET,
    ImageFactory,
    InstanceFactory,
)

HOST = "bcc.bj.example"
JSON = "application/json; charset=utf-8"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

NO_SUCH_OBJECT = (404, "NoSuchObject", "The specified object does not exist.")
DENIED = (403, "AccessDenied", "Access denied.")
MALFORMED = (400, "MalformedJSON", "The JSON you provided was not well-formed.")


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def send(method, target, headers, body=b""):
    """Send exactly these headers, and the path and query as they are spelled."""
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
    response: Any = Client().request(**environ)
    check_wire_rules(response)
    return response


def check_wire_rules(response):
    """Check what is true of every response of the API."""
    assert response["Content-Type"] in {JSON, "application/json"}
    assert UUID.fullmatch(response["x-bce-request-id"])
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert "Location" not in response
    assert not [name for name in response.headers if name.startswith("Access-Control-")]
    content = response.json()
    if response.status_code == 200:
        assert isinstance(content, dict)
        assert "requestId" not in content
    else:
        assert response.status_code >= 400
        assert set(content) == {"requestId", "code", "message"}
        assert content["requestId"] == response["x-bce-request-id"]
        assert content["code"]
        assert content["message"]


def done(response):
    """Return the content of a successful response."""
    assert response.status_code == 200, response.content
    return response.json()


def refusal(response):
    """Return the status, code and message of a refusal."""
    assert response.status_code != 200, response.content
    content = response.json()
    return response.status_code, content["code"], content["message"]


def authorization(key_id, canonical, signed_headers="", *, at=None, secret=SECRET):
    """Return the header of a client that signs the text `canonical`, as Baidu documents it."""
    prefix = f"bce-auth-v1/{key_id}/{at or now()}/1800"
    return f"{prefix}/{signed_headers}/{hmac_hex(hmac_hex(secret, prefix), canonical)}"


def hmac_hex(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass
class Program:
    """A program with an access key. It signs as the official Python SDK does."""

    key: AccessKey
    secret: str = SECRET
    host: str = HOST

    def __call__(self, method, path, body=None, *, headers=None, **query):
        """Send `body`: bytes or text unchanged, anything else as JSON, None for no body."""
        content = as_bytes(body)
        sent = self.signed(method, path, content, query, headers or {})
        spelling = get_canonical_querystring(query, for_signature=False).decode()
        return send(method, f"{path}?{spelling}" if spelling else path, sent, content)

    def signed(  # noqa: PLR0913 - all of it is signed
        self, method, path, content, query, headers, *, at=0, seconds=1800
    ):
        """Return the headers to send, with the signature."""
        sent = {
            "Host": self.host,
            "x-bce-date": now(),
            "Content-Length": str(len(content)),
            "User-Agent": "bce-sdk-python/0.9.79",
            **headers,
        }
        with warnings.catch_warnings():
            # The SDK calls a function that is deprecated from Python 3.12 on.
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


def create_image_and_instance(account):
    """Create the image and the instance that the placeholders of WRONG and TEXTS name."""
    image = ImageFactory.create(owner=account, image_id="m-abcdefgh")
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    return image
