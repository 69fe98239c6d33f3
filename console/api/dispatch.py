"""Dispatch API requests to the handlers of their operations.

The API has no session, cookie or CSRF token and never redirects, so ApiMiddleware responds before
the middleware of the pages runs.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, cached_property
from typing import get_type_hints
from urllib.parse import parse_qsl

import structlog
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import override
from pydantic import ValidationError

from accounts import keys, signatures
from accounts.actors import Actor, get_client_address
from accounts.exceptions import Refused
from accounts.http import ConsoleRequest, set_retry_after
from accounts.models import AccessKey, Account
from console import budgets
from console.database import failures
from images import locks, strangers
from images.models import Image, Instance, find_visible

from . import errors, wire
from .authentication import authenticate, get_region_code, get_region_label
from .responses import build_error_response, build_json_response

Handler = Callable[..., wire.Wire | None]

log = structlog.get_logger("console.api")

CLIENT_TOKEN = "clientToken"  # noqa: S105 - a parameter's name
# A percent sign in a decoded path comes from bytes that are not UTF-8, or from double encoding.
DECODED_PATH = re.compile(r"[^%\0]*")
VERSION = re.compile(r"/(v[0-9]+)(?:/|$)")


@dataclass(frozen=True)
class Call:
    """A request with a valid signature."""

    request: ConsoleRequest
    key: AccessKey
    region: str
    parameters: dict[str, str]

    @cached_property
    def actor(self) -> Actor:
        return keys.build_key_actor(
            self.key,
            address=get_client_address(self.request),
            request_id=self.request.request_id,
        )

    @property
    def account(self) -> Account:
        account = self.key.user.account
        assert account is not None  # noqa: S101 - keys.find_usable() leaves out people without one
        return account

    def build_host(self, region: str) -> str:
        """Return the host name by which this client would reach another region."""
        host: str = self.request.headers["host"]
        if get_region_label(host) != self.region:
            return host
        prefix = "bcc." if host.lower().startswith("bcc.") else ""
        return f"{prefix}{region}{host[len(prefix) + len(self.region) :]}"

    def find_image(self, image_id: str) -> Image:
        """Return the image if the account can see it in this region.

        Raises locks.NoSuchImage.
        """
        account = self.account.pk
        for image in find_visible(account=account, region=self.region, image_id=image_id):
            return image
        strangers.record(image_id, by=self.actor)
        raise locks.NoSuchImage

    def find_instance(self, instance_id: str) -> Instance:
        """Return the account's instance in this region. Raises locks.NoSuchInstance."""
        (instance,) = self.find_instances([instance_id])
        return instance

    def find_instances(self, ids: list[str]) -> list[Instance]:
        """Return the account's instances in locking order. Raises locks.NoSuchInstance."""
        own = Instance.objects.owned_by(self.account).in_region(self.region)
        rows = own.select_related("owner", "region").filter(instance_id__in=ids).order_by("pk")
        if {instance.instance_id for instance in rows} != set(ids):
            raise locks.NoSuchInstance
        return list(rows)


class Operations:
    """The operations at one path: a handler for each method, or method and query verb.

    Keys look like "GET" or "POST ?share". A handler takes the call, the parts of the path and, if
    it annotates them, a `query` and a `body`. It returns a wire model or None.
    """

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self.handlers = handlers

    def find_handler(self, method: str, parameters: dict[str, str]) -> Handler:
        """Return the handler. Raises errors.MethodNotAllowed, also for an unknown query verb.

        Without a verb, only GET accepts unknown parameters. For other methods an unknown parameter
        may be the verb of an operation that does not exist.
        """
        verbs = {name.partition(" ?")[2] for name in self.handlers} & set(parameters)
        refusal = errors.MethodNotAllowed(sorted({name.split()[0] for name in self.handlers}))
        if len(verbs) > 1:
            raise refusal
        for name, handler in self.handlers.items():
            handler_method, _, verb = name.partition(" ?")
            if verb:
                fits = verb in parameters
            else:
                fits = method == "GET" or get_known_parameters(handler).issuperset(parameters)
            if handler_method == method and fits:
                return handler
        raise refusal

    def __call__(self, request: ConsoleRequest, **parts: str) -> HttpResponse:
        parameters = parse_query(request)
        handler = self.find_handler(request.method or "", parameters)
        key, claim = authenticate(request)
        budgets.spend_of_person(key.user, method=request.method)
        region = get_region_code(request.headers.get("host", ""))
        call = Call(request, key, region, parameters)
        arguments = parse_arguments(handler, call)
        is_change = settings.HTTPS and request.method not in budgets.SAFE
        with signatures.used(claim) if is_change else nullcontext():
            result = handler(call, **parts, **arguments)
        return build_json_response(result or wire.Nothing())


class ApiMiddleware:
    """Handle requests under /v1, /v2 and so on. console/api/urls.py lists the operations."""

    def __init__(self, get_response: Callable[[ConsoleRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest) -> HttpResponseBase:
        version = VERSION.match(request.path_info)
        if version is None:
            return self.get_response(request)
        try:
            with override("en"):
                return respond(request, version[1])
        except Exception as error:
            if not failures.is_passing(error):
                log.exception("unhandled_error")
                return build_error_response(request, errors.INTERNAL)
            request.failure = failures.describe(error)
            failed = errors.DATABASE_FAILED[failures.classify(error)]
            response = build_error_response(request, failed)
            return set_retry_after(response, failures.RETRY_AFTER)


def respond(request: ConsoleRequest, version: str) -> HttpResponse:
    try:
        return dispatch(request, version)
    except Refused as refusal:
        response = build_error_response(request, errors.get_error(refusal))
        if isinstance(refusal, errors.MethodNotAllowed):
            response["Allow"] = ", ".join(refusal.methods)
        return set_retry_after(response, refusal.retry_after)


def dispatch(request: ConsoleRequest, version: str) -> HttpResponse:
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise errors.NotEncrypted
    if version not in {"v1", "v2"}:
        raise errors.NoSuchVersion
    if not DECODED_PATH.fullmatch(request.path_info):
        raise errors.BadPath
    budgets.spend_of_address(request)
    check_length(request)
    try:
        match = resolve(request.path_info, urlconf="console.api.urls")
    except Resolver404:
        raise errors.NoSuchOperation from None
    response: HttpResponse = match.func(request, **match.kwargs)
    return response


def check_length(request: ConsoleRequest) -> None:
    """Check the length of the body. Raises errors.BodyIsTooLarge or errors.BodyHasNoLength."""
    length = request.headers.get("content-length") or "0"
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise errors.BodyIsTooLarge
    if request.headers.get("transfer-encoding"):
        raise errors.BodyHasNoLength


def parse_query(request: ConsoleRequest) -> dict[str, str]:
    """Return the query's parameters. A parameter without a value is an empty string.

    Raises errors.BadQuery for a repeated parameter. The signature does not cover the order of the
    two, so a replayed request could swap them.
    """
    pairs = parse_qsl(
        request.META.get("QUERY_STRING", "").replace("+", "%2B"),
        keep_blank_values=True,
        errors="replace",
    )
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise errors.BadQuery(reason="A parameter is given more than once.")
    return parameters


def parse_arguments(handler: Handler, call: Call) -> dict[str, wire.Wire]:
    """Return the typed `query` and `body` that the handler annotates.

    Raises errors.BadQuery and what parse_body raises.
    """
    models = get_models(handler)
    arguments: dict[str, wire.Wire] = {}
    if query := models.get("query"):
        try:
            values = {name: value for name, value in call.parameters.items() if value}
            arguments["query"] = query.model_validate_strings(values)
        except ValidationError as error:
            raise errors.BadQuery(reason=describe_error(error)) from None
    if body := models.get("body"):
        arguments["body"] = parse_body(body, call.request.body)
    return arguments


def parse_body(model: type[wire.Wire], body: bytes) -> wire.Wire:
    """Return the body as its model. Raises errors.BodyIsNoJson or errors.BodyHasWrongFields."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors()):
            raise errors.BodyIsNoJson from None
        raise errors.BodyHasWrongFields(reason=describe_error(error)) from None


def describe_error(error: ValidationError) -> str:
    """Return the first wrong field and the reason, without the value: it may be a password."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return f"{field}: {first['msg']}"


@cache
def get_models(handler: Handler) -> dict[str, type[wire.Wire]]:
    """Return the wire models in a handler's annotations, by argument name or `return`."""
    hints = get_type_hints(inspect.unwrap(handler))
    return {
        name: hint
        for name, hint in hints.items()
        if isinstance(hint, type) and issubclass(hint, wire.Wire)
    }


def get_known_parameters(handler: Handler) -> set[str]:
    """Return the names of the query parameters that a handler accepts."""
    query = get_models(handler).get("query")
    fields = query.model_fields.values() if query else ()
    return {CLIENT_TOKEN, *(str(field.alias) for field in fields)}
