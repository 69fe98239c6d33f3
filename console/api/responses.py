"""The API's HTTP responses: JSON that is not cached."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse

from accounts.http import ConsoleRequest

from . import wire
from .errors import Error


def build_json_response(body: wire.Wire, *, status: int = HTTPStatus.OK) -> HttpResponse:
    content = body.model_dump_json(by_alias=True, exclude_none=True)
    return add_headers(
        HttpResponse(content, content_type="application/json; charset=utf-8", status=status)
    )


def build_error_response(request: ConsoleRequest, error: Error) -> HttpResponse:
    body = wire.ErrorAnswer(request_id=request.request_id, code=error.code, message=error.message)
    return build_json_response(body, status=error.status)


def add_headers(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
