"""The OpenAPI document, made from the same table and models that answer the calls."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import get_resolver
from pydantic.json_schema import models_json_schema

from accounts.idempotency import LONGEST_TOKEN

from . import errors, wire
from .endpoint import CLIENT_TOKEN, Handler, Operations, guarded, models_of

REFERENCE = "#/components/schemas/{model}"
FAILURES = {
    "400": "The request, its signature or a field of it is wrong",
    "403": "Not allowed",
    "404": "There is no such thing, or none that you may see",
    "405": "This path does not take this method and these parameters",
    "409": "Not in this state",
    "411": "The body does not say its length",
    "413": "Over a limit",
    "500": "We failed",
    "503": "The database does not answer",
}


def document(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        raise errors.MethodNotAllowed
    return guarded(JsonResponse(specification()))


@lru_cache(maxsize=1)
def specification() -> dict[str, Any]:
    """OpenAPI 3.1, with one path for each query verb: BCC tells operations apart by these."""
    operations = list(everything())
    models: set[tuple[type[wire.Wire], Literal["serialization", "validation"]]] = {
        (model, "serialization" if name == "return" else "validation")
        for _path, _method, handler in operations
        for name, model in models_of(handler).items()
        if name != "query"
    }
    models.add((wire.ErrorAnswer, "serialization"))
    wanted = sorted(models, key=str)
    _map, schemas = models_json_schema(wanted, by_alias=True, ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in operations:
        paths.setdefault(path, {})[method.lower()] = described(method, path, handler)
    return {
        "openapi": "3.1.0",
        "info": {"title": "BCC Console", "version": "2"},
        "security": [{"bce-auth-v1": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bce-auth-v1": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
    }


def everything() -> Iterator[tuple[str, str, Handler]]:
    """Every path with its query verb, method and handler."""
    for pattern in get_resolver("console.api.urls").url_patterns:
        operations = pattern.callback
        if not isinstance(operations, Operations):
            continue
        path = "/" + re.sub(r"<(\w+)>", r"{\1}", str(pattern.pattern))
        for name, handler in operations.handlers.items():
            method, _, verb = name.partition(" ")
            yield path + verb, method, handler


def described(method: str, path: str, handler: Handler) -> dict[str, Any]:
    models = models_of(handler)
    operation: dict[str, Any] = {
        "operationId": re.sub(r"[^a-zA-Z0-9]+", "-", f"{method.lower()}{path}").strip("-"),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ],
        "responses": {
            "200": answered("Done", models.get("return", wire.Nothing)),
            **{code: answered(text, wire.ErrorAnswer) for code, text in FAILURES.items()},
        },
    }
    if summary := inspect.getdoc(handler):
        operation["summary"] = summary.partition("\n")[0]
    if query := models.get("query"):
        schema = query.model_json_schema(by_alias=True)
        operation["parameters"] += [
            {"name": name, "in": "query", "required": False, "schema": each}
            for name, each in schema["properties"].items()
        ]
    if hasattr(handler, "takes_client_token"):
        token = {"type": "string", "maxLength": LONGEST_TOKEN}
        operation["parameters"].append(
            {"name": CLIENT_TOKEN, "in": "query", "required": False, "schema": token}
        )
    if body := models.get("body"):
        operation["requestBody"] = {"required": False, "content": content(body)}
    return operation


def answered(description: str, model: type[wire.Wire]) -> dict[str, Any]:
    return {"description": description, "content": content(model)}


def content(model: type[wire.Wire]) -> dict[str, Any]:
    if model is wire.Nothing:
        return {"application/json": {"schema": {"type": "object"}}}
    return {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}
