"""`clientToken`: run a repeated request only once."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.utils.crypto import salted_hmac

from accounts import idempotency

from . import errors, wire
from .dispatch import CLIENT_TOKEN, Call, get_models


def idempotent(handler: Callable[..., wire.Wire]) -> Callable[..., wire.Wire]:
    """Make a handler return its first result again for a repeated `clientToken`.

    Requests without a token always run. The Go SDK and the newer Python SDK send none.
    """

    @functools.wraps(handler)
    def wrapper(call: Call, **arguments: object) -> wire.Wire:
        token = call.parameters.get(CLIENT_TOKEN, "")
        if not token:
            return handler(call, **arguments)
        if len(token) > idempotency.LONGEST_TOKEN or not (token.isascii() and token.isprintable()):
            raise errors.BadQuery(
                reason=f"{CLIENT_TOKEN}: use at most 64 printable ASCII characters"
            )

        def run() -> dict[str, object]:
            return handler(call, **arguments).model_dump(mode="json")

        result = idempotency.run_once(
            run,
            user=call.key.user,
            scope=f"bcc:{call.region}",
            token=token,
            fingerprint=get_fingerprint(call),
        )
        return get_models(handler)["return"](**result)

    wrapper.takes_client_token = True  # type: ignore[attr-defined]
    return wrapper


def get_fingerprint(call: Call) -> str:
    """Return a digest of method, path, query and body, but not of signer and signing time."""
    request = call.request
    query = sorted(call.parameters.items())
    head = f"{request.method} {request.path} {query!r} ".encode("utf-8", "surrogatepass")
    # Keyed: the body may contain a password, which could be guessed from a plain digest.
    return salted_hmac(__name__, head + request.body, algorithm="sha256").hexdigest()
