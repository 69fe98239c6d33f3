"""Run a request only once, even if a client repeats it with the same token.

Source: BCE's rule for `clientToken`: at most 64 ASCII characters, valid for 24 hours after its
last use, per person, service and region.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .exceptions import Refused
from .models import ClientToken, User

TOKEN_LIFETIME = timedelta(hours=24)
LONGEST_TOKEN = 64


class TokenUsedOtherwise(Refused):
    code = "token-used-otherwise"
    sentence = "This client token was already used for a different request."


def run_once(
    run: Callable[[], dict[str, Any]], *, user: User, scope: str, token: str, fingerprint: str
) -> dict[str, Any]:
    """Run and return the result, or return the one stored for this user, scope and token.

    `fingerprint` tells requests apart. A parallel call with the same token waits for the first.
    A refusal leaves the token unused. Raises TokenUsedOtherwise, and the refusals of `run`.
    """
    with transaction.atomic():
        row = lock_token(user, scope, token)
        if row.answer is not None:
            if row.fingerprint != fingerprint:
                raise TokenUsedOtherwise
            row.seen_at = timezone.now()
            row.save(update_fields=["seen_at"])
            stored: dict[str, Any] = row.answer
            return stored
        try:
            answer = run()
        except Refused as caught:  # raised after the commit, which keeps its audit event
            refusal = caught
        else:
            row.answer, row.fingerprint, row.seen_at = answer, fingerprint, timezone.now()
            row.save(update_fields=["answer", "fingerprint", "seen_at"])
            return answer
    raise refusal


def lock_token(user: User, scope: str, token: str) -> ClientToken:
    """Lock and return the row of this token. Create it if it is missing or expired."""
    tokens = ClientToken.objects.filter(user=user)
    tokens.filter(seen_at__lt=timezone.now() - TOKEN_LIFETIME).delete()
    row = ClientToken(user=user, scope=scope, token=token)
    ClientToken.objects.bulk_create([row], ignore_conflicts=True)
    return tokens.select_for_update(no_key=True).get(scope=scope, token=token)
