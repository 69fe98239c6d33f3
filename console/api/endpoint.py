"""From a signed request to a call of a handler, and from what it answers to JSON.

The API has no session, cookie or CSRF token and is never redirected, so it answers before the
middleware of the pages does.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import get_type_hints
from urllib.parse import parse_qsl, quote

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import override
from pydantic import ValidationError

from accounts import keys, signing
from accounts.actors import Actor, client_address
from accounts.exceptions import Refused
from accounts.models import AccessKey, Account
from images import locks
from images.models import Image, Instance

from . import errors, wire

Handler = Callable[..., wire.Wire | None]

log = structlog.get_logger("console.api")

IS_REGION = "EXISTS (SELECT FROM images_region WHERE code = %(about)s)"
CLIENT_TOKEN = "clientToken"  # noqa: S105 - a parameter's name
# After decoding, a percent sign stands for bytes that are no UTF-8, or were encoded twice.
UNENCODED = re.compile(r"[^%\0]*")
VERSION = re.compile(r"/(v[0-9]+)(?:/|$)")


@dataclass(frozen=True)
class Call:
    """A request whose signature is good."""

    request: HttpRequest
    key: AccessKey
    region: str
    parameters: dict[str, str]

    @cached_property
    def actor(self) -> Actor:
        return keys.actor_of(
            self.key,
            address=client_address(self.request),
            request_id=self.request.request_id,  # type: ignore[attr-defined]
        )

    def host_in(self, region: str) -> str:
        """The name by which the client would call us for another region."""
        host: str = self.request.headers["host"]
        if region_label(host) != self.region:
            return host
        prefix = "bcc." if host.lower().startswith("bcc.") else ""
        return f"{prefix}{region}{host[len(prefix) + len(self.region) :]}"

    @property
    def account(self) -> Account:
        account = self.key.user.account
        assert account is not None  # noqa: S101 - keys.find() leaves out people without one
        return account

    def image(self, image_id: str) -> Image:
        """The image that the account may see in this region. Raises locks.NoSuchImage."""
        visible = Image.objects.visible_to(self.account).in_region(self.region)
        try:
            return visible.select_related("owner").get(image_id=image_id)
        except Image.DoesNotExist:
            raise locks.NoSuchImage from None

    def instance(self, instance_id: str) -> Instance:
        """The account's instance in this region. Raises locks.NoSuchInstance."""
        (found,) = self.instances([instance_id])
        return found

    def instances(self, ids: list[str]) -> list[Instance]:
        """The account's instances, in the order of locking. Raises locks.NoSuchInstance."""
        own = Instance.objects.owned_by(self.account).in_region(self.region)
        found = own.select_related("owner", "region").filter(instance_id__in=ids).order_by("pk")
        if {instance.instance_id for instance in found} != set(ids):
            raise locks.NoSuchInstance
        return list(found)


class Operations:
    """What can be done at one path: a handler for each method, or method and query verb.

    Keys are as in "GET" or "POST ?share". A handler takes the call, what the path holds, and by
    annotation a `query` and a `body`; it answers a model or nothing.
    """

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self.handlers = handlers

    def find(self, method: str, parameters: dict[str, str]) -> Handler:
        """Raises errors.MethodNotAllowed, also for a query verb that is not known here.

        What has no verb but changes something takes only parameters that it knows: another one
        may be the verb of an operation that there is not.
        """
        verbs = {name.partition(" ?")[2] for name in self.handlers} & set(parameters)
        if len(verbs) > 1:
            raise errors.MethodNotAllowed
        for name, handler in self.handlers.items():
            wanted, _, verb = name.partition(" ?")
            known = names_of(handler)
            fits = verb in parameters if verb else method == "GET" or known.issuperset(parameters)
            if wanted == method and fits:
                return handler
        raise errors.MethodNotAllowed

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponse:
        parameters = parameters_of(request)
        handler = self.find(request.method or "", parameters)
        call = Call(request, *authenticated(request), parameters)
        answer = handler(call, **parts, **arguments(handler, call))
        return json(answer or wire.Nothing())


class Api:
    """The middleware that answers everything under /v1, /v2 and so on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        version = VERSION.match(request.path_info)
        if version is None:
            return self.get_response(request)
        try:
            with override("en"):
                return respond(request, version[1])
        except (OperationalError, InterfaceError):
            log.exception("database")
            return problem(request, errors.UNAVAILABLE)
        except Exception:
            log.exception("failed")
            return problem(request, errors.INTERNAL)


def respond(request: HttpRequest, version: str) -> HttpResponse:
    try:
        return answer(request, version)
    except Refused as refusal:
        return problem(request, errors.answer_to(refusal))


def answer(request: HttpRequest, version: str) -> HttpResponse:
    if version not in {"v1", "v2"}:
        raise errors.NoSuchVersion
    if not UNENCODED.fullmatch(request.path_info):
        raise errors.BadPath
    require_bounded(request)
    try:
        match = resolve(request.path_info, urlconf="console.api.urls")
    except Resolver404:
        raise errors.NoSuchOperation from None
    response: HttpResponse = match.func(request, **match.kwargs)
    return response


def require_bounded(request: HttpRequest) -> None:
    """Raises errors.BodyIsTooLarge or errors.BodyHasNoLength."""
    length = request.headers.get("content-length") or "0"
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise errors.BodyIsTooLarge
    if request.headers.get("transfer-encoding"):
        raise errors.BodyHasNoLength


def parameters_of(request: HttpRequest) -> dict[str, str]:
    """The query; a bare parameter is the empty text.

    Raises errors.BadQuery for one that comes twice: a signature does not cover the order of the
    two, so whoever sends the request again could choose.
    """
    pairs = parse_qsl(
        request.META.get("QUERY_STRING", "").replace("+", "%2B"),
        keep_blank_values=True,
        errors="replace",
    )
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise errors.BadQuery(reason="A parameter comes twice.")
    return parameters


# Who asks


def authenticated(request: HttpRequest) -> tuple[AccessKey, str]:
    """The access key that signed the request, and the code of the region that it is for.

    Raises errors.NotSigned, keys.NoSuchAccessKey, and what signing.parse and signing.check_time
    raise, or signing.SignatureDoesNotMatch.
    """
    signed = as_signed(request)
    authorization = signed.headers.get("authorization")
    if not authorization:
        raise errors.NotSigned
    claim = signing.parse(authorization)
    label = region_label(signed.headers.get("host", ""))
    key = keys.find(claim.access_key_id, also=IS_REGION, about=label)
    if key is None:
        raise keys.NoSuchAccessKey
    try:
        secret = keys.secret_of(key)
    except keys.UnreadableSecret:
        log.exception("access key")
        raise keys.NoSuchAccessKey from None
    if not signing.is_signed_by(secret, claim, signed):
        raise signing.SignatureDoesNotMatch
    signing.check_time(claim, signed.headers, datetime.now(UTC))
    require_digest(signed, request.body)
    keys.touch(key)
    return key, label if key.also else settings.API_DEFAULT_REGION


def require_digest(signed: signing.SignedRequest, body: bytes) -> None:
    """Hold the body to a digest that was sent with it. Raises errors.BodyIsNotAsSigned."""
    sha256 = signed.headers.get("x-bce-content-sha256", "").lower()
    md5 = signed.headers.get("content-md5", "")
    if sha256 and sha256 != hashlib.sha256(body).hexdigest():
        raise errors.BodyIsNotAsSigned
    if md5 and md5 != b64encode(hashlib.md5(body).digest()).decode():  # noqa: S324 - RFC 1864
        raise errors.BodyIsNotAsSigned


def as_signed(request: HttpRequest) -> signing.SignedRequest:
    """The request in the characters that came over the wire, one for each byte."""
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


def region_label(host: str) -> str:
    """What may be a region in the host name: `bj` in bcc.bj.example and in bj.example."""
    labels = host.partition(":")[0].lower().split(".")
    first = labels[1:] if labels[0] == "bcc" else labels
    return first[0] if len(first) > 1 and first[0].isalpha() else ""


# What is asked


def arguments(handler: Handler, call: Call) -> dict[str, wire.Wire]:
    """The typed `query` and `body` that the handler asks for by its annotations."""
    wanted = models_of(handler)
    found: dict[str, wire.Wire] = {}
    if query := wanted.get("query"):
        try:
            said = {name: value for name, value in call.parameters.items() if value}
            found["query"] = query.model_validate_strings(said)
        except ValidationError as error:
            raise errors.BadQuery(reason=reason(error)) from None
    if body := wanted.get("body"):
        found["body"] = parsed(body, call.request.body)
    return found


def parsed(model: type[wire.Wire], body: bytes) -> wire.Wire:
    """Raises errors.BodyIsNoJson or errors.BodyHasWrongFields."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors()):
            raise errors.BodyIsNoJson from None
        raise errors.BodyHasWrongFields(reason=reason(error)) from None


def reason(error: ValidationError) -> str:
    """Which field is wrong and how, without what was sent: that may be a password."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return f"{field}: {first['msg']}"


@cache
def models_of(handler: Handler) -> dict[str, type[wire.Wire]]:
    """Return the wire models in a handler's annotations, by argument; `return` is the answer's."""
    hints = get_type_hints(inspect.unwrap(handler))
    return {
        name: hint
        for name, hint in hints.items()
        if isinstance(hint, type) and issubclass(hint, wire.Wire)
    }


def names_of(handler: Handler) -> set[str]:
    """The query's parameters that a handler knows."""
    query = models_of(handler).get("query")
    fields = query.model_fields.values() if query else ()
    return {CLIENT_TOKEN, *(str(field.alias) for field in fields)}


# What is answered


def json(answer: wire.Wire) -> HttpResponse:
    content = answer.model_dump_json(by_alias=True, exclude_none=True)
    return guarded(HttpResponse(content, content_type="application/json; charset=utf-8"))


def problem(request: HttpRequest, answer: errors.Answer) -> HttpResponse:
    body = wire.ErrorAnswer(
        request_id=request.request_id,  # type: ignore[attr-defined]
        code=answer.code,
        message=answer.message,
    )
    response = json(body)
    response.status_code = answer.status
    return response


def guarded(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
