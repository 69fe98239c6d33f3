"""The requests of each official SDK, byte for byte."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode

from .programs import authorization, send

KEY_ID = "f81d3b34e48048fbb2634dc7882d7e21"
TIME = "2026-11-23T12:58:50Z"
HOST = "127.0.0.1:8000"


# As they are signed
SIGNED_HOST = "host:127.0.0.1%3A8000"
SIGNED_DATE = "x-bce-date:2026-11-23T12%3A58%3A50Z"
IMAGE = "m-nky7qeom"
INSTANCE = "i-Q0ezqMIa"


def signed(canonical, signed_headers, headers):
    """Return `headers` with the signature of the lines of `canonical`."""
    text = authorization(KEY_ID, "\n".join(canonical), signed_headers, at=TIME)
    return {"Authorization": text, **headers}


def content_of(body):
    return b"" if body is None else json.dumps(body).encode()


def python(method, target, body=None, canonical_query=None):
    """bce-python-sdk: names no signed headers, sends no content type and always a length."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "User-Agent": "bce-sdk-python/0.9.79/3.11.7/linux",
        "x-bce-date": TIME,
        "Host": HOST,
        "Content-Length": str(len(content)),
    }
    lines = [f"content-length:{len(content)}", SIGNED_HOST, SIGNED_DATE]
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    return send(method, target, signed(canonical, "", headers), content)


def new_python(method, target, body=None):
    """baiducloud-python-sdk: names host and x-bce-date, always sends a content type."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "Host": HOST,
        "User-Agent": "python-requests/2.32",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "Connection": "keep-alive",
        "Content-Type": "application/json;charset=utf-8",
        "x-bce-date": TIME,
    }
    if content:
        headers["Content-Length"] = str(len(content))
    canonical = [method, path, query, SIGNED_HOST, SIGNED_DATE]
    return send(method, target, signed(canonical, "host;x-bce-date", headers), content)


def go(method, target, body=None, canonical_query=None):
    """bce-sdk-go: key-only parameters, an MD5 with a body, its own unsigned request ID."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "Host": HOST,
        "User-Agent": "bce-sdk-go/0.9.273/go1.22/linux/amd64",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json;charset=utf-8",
        "x-bce-date": TIME,
        "x-bce-request-id": "93bb0a25-e8a9-4b54-8b4a-8a5e9e3ba06d",
    }
    lines = ["content-type:application%2Fjson%3Bcharset%3Dutf-8", SIGNED_HOST, SIGNED_DATE]
    names = "content-type;host;x-bce-date"
    if content:
        md5 = b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324
        headers |= {"Content-Length": str(len(content)), "Content-MD5": md5}
        escaped = md5.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        lines = [f"content-length:{len(content)}", f"content-md5:{escaped}", *lines]
        names = "content-length;content-md5;" + names
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    response = send(method, target, signed(canonical, names, headers), content)
    assert response["x-bce-request-id"] != headers["x-bce-request-id"]
    return response


def javascript(method, target, body=None, canonical_query=None):
    """@baiducloud/sdk: a content type also on GET, lower-case escapes that are signed unescaped."""
    content = content_of(body)
    path, _, query = target.partition("?")
    headers = {
        "User-Agent": "bce-sdk-nodejs/1.0.7/linux/v20",
        "Connection": "close",
        "Content-Type": "application/json; charset=UTF-8",
        "x-bce-date": TIME,
        "Host": HOST,
    }
    lines = ["content-type:application%2Fjson%3B%20charset%3DUTF-8", SIGNED_HOST, SIGNED_DATE]
    names = "content-type;host;x-bce-date"
    if content:
        headers["Content-Length"] = str(len(content))
        lines = [f"content-length:{len(content)}", *lines]
        names = "content-length;" + names
    canonical = [method, path, query if canonical_query is None else canonical_query, *lines]
    return send(method, target, signed(canonical, names, headers), content)
