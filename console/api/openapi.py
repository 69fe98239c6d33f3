"""The OpenAPI document, generated from the URL table and the wire models."""

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
from .dispatch import CLIENT_TOKEN, Handler, Operations, get_models
from .responses import add_headers

REFERENCE = "#/components/schemas/{model}"
ERROR_DESCRIPTIONS = {
    "400": "Invalid request, signature or field",
    "403": "Access denied",
    "404": "Not found, or no access to it",
    "405": "Method or parameters not supported by this path",
    "409": "Conflict with the current state",
    "411": "Content-Length required",
    "413": "Limit exceeded",
    "500": "Internal error",
    "503": "Database unavailable",
}


def document(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        raise errors.MethodNotAllowed(["GET", "HEAD"])
    return add_headers(JsonResponse(specification()))


@lru_cache(maxsize=1)
def specification() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document. Each query verb has its own path."""
    operations = list(iterate_operations())
    models: set[tuple[type[wire.Wire], Literal["serialization", "validation"]]] = {
        (model, "serialization" if name == "return" else "validation")
        for _path, _method, handler in operations
        for name, model in get_models(handler).items()
        if name != "query"
    }
    models.add((wire.ErrorAnswer, "serialization"))
    sorted_models = sorted(models, key=str)
    _map, schemas = models_json_schema(sorted_models, by_alias=True, ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in operations:
        paths.setdefault(path, {})[method.lower()] = describe_operation(method, path, handler)
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


def iterate_operations() -> Iterator[tuple[str, str, Handler]]:
    """Yield the path with its query verb, the method and the handler of each operation."""
    for pattern in get_resolver("console.api.urls").url_patterns:
        operations = pattern.callback
        if not isinstance(operations, Operations):
            continue
        path = "/" + re.sub(r"<(\w+)>", r"{\1}", str(pattern.pattern))
        for name, handler in operations.handlers.items():
            method, _, verb = name.partition(" ")
            yield path + verb, method, handler


def describe_operation(method: str, path: str, handler: Handler) -> dict[str, Any]:
    models = get_models(handler)
    operation: dict[str, Any] = {
        "operationId": re.sub(r"[^a-zA-Z0-9]+", "-", f"{method.lower()}{path}").strip("-"),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ],
        "responses": {
            "200": describe_response("Success", models.get("return", wire.Nothing)),
            **{
                code: describe_response(text, wire.ErrorAnswer)
                for code, text in ERROR_DESCRIPTIONS.items()
            },
        },
    }
    if summary := inspect.getdoc(handler):
        operation["summary"] = summary.partition("\n")[0]
    if query := models.get("query"):
        schema = query.model_json_schema(by_alias=True)
        operation["parameters"] += [
            {"name": name, "in": "query", "required": False, "schema": field}
            for name, field in schema["properties"].items()
        ]
    if hasattr(handler, "takes_client_token"):
        token = {"type": "string", "maxLength": LONGEST_TOKEN}
        operation["parameters"].append(
            {"name": CLIENT_TOKEN, "in": "query", "required": False, "schema": token}
        )
    if body := models.get("body"):
        operation["requestBody"] = {"required": False, "content": describe_content(body)}
    return operation


def describe_response(description: str, model: type[wire.Wire]) -> dict[str, Any]:
    return {"description": description, "content": describe_content(model)}


def describe_content(model: type[wire.Wire]) -> dict[str, Any]:
    if model is wire.Nothing:
        return {"application/json": {"schema": {"type": "object"}}}
    return {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}
