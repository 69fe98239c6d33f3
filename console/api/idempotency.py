"""`clientToken`: a creation that is sent twice is done once."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.utils.crypto import salted_hmac

from accounts import idempotency

from . import errors, wire
from .endpoint import CLIENT_TOKEN, Call, models_of


def once(handler: Callable[..., wire.Wire]) -> Callable[..., wire.Wire]:
    """Make a handler answer a repeated `clientToken` as it did the first time.

    Without a token, as the Go SDK and the newer Python SDK leave it out, every call counts.
    """

    @functools.wraps(handler)
    def wrapper(call: Call, **arguments: object) -> wire.Wire:
        token = call.parameters.get(CLIENT_TOKEN, "")
        if not token:
            return handler(call, **arguments)
        if len(token) > idempotency.LONGEST_TOKEN or not (token.isascii() and token.isprintable()):
            raise errors.BadQuery(reason=f"{CLIENT_TOKEN}: at most 64 ASCII characters")

        def run() -> dict[str, object]:
            return handler(call, **arguments).model_dump(mode="json")

        answer = idempotency.once(
            run,
            user=call.key.user,
            scope=f"bcc:{call.region}",
            token=token,
            fingerprint=fingerprint(call),
        )
        return models_of(handler)["return"](**answer)

    wrapper.takes_client_token = True  # type: ignore[attr-defined]
    return wrapper


def fingerprint(call: Call) -> str:
    """What makes two requests the same: method, path, query and body, but not who signed when."""
    request = call.request
    query = sorted(call.parameters.items())
    said = f"{request.method} {request.path} {query!r} ".encode("utf-8", "surrogatepass")
    # Keyed, as the body may hold a password, which a plain digest would let one try out.
    return salted_hmac(__name__, said + request.body, algorithm="sha256").hexdigest()
