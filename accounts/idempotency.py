"""Doing once what a client asks for twice with the same token.

Source: BCE's rule for `clientToken`: at most 64 ASCII characters, good for 24 hours since it was
last seen, within one person, service and region.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .exceptions import Refused
from .models import ClientToken, User

KEPT = timedelta(hours=24)
LONGEST_TOKEN = 64


class TokenUsedOtherwise(Refused):
    code = "token-used-otherwise"
    sentence = "This client token was used for another request."


def once(
    run: Callable[[], dict[str, Any]], *, user: User, scope: str, token: str, fingerprint: str
) -> dict[str, Any]:
    """What `run` answers, or answered when the same person used `token` in `scope` before.

    `fingerprint` tells requests apart. Who comes with the same token at the same moment waits
    for the first. A refusal leaves the token as it was. Raises TokenUsedOtherwise, and what `run`
    refuses.
    """
    with transaction.atomic():
        row = locked(user, scope, token)
        if row.answer is not None:
            if row.fingerprint != fingerprint:
                raise TokenUsedOtherwise
            row.seen_at = timezone.now()
            row.save(update_fields=["seen_at"])
            known: dict[str, Any] = row.answer
            return known
        try:
            answer = run()
        except Refused as caught:  # raised outside, so that its record in the audit trail stays
            refusal = caught
        else:
            row.answer, row.fingerprint, row.seen_at = answer, fingerprint, timezone.now()
            row.save(update_fields=["answer", "fingerprint", "seen_at"])
            return answer
    raise refusal


def locked(user: User, scope: str, token: str) -> ClientToken:
    """The row of this token, new if there is none or the old one is too old."""
    tokens = ClientToken.objects.filter(user=user)
    tokens.filter(seen_at__lt=timezone.now() - KEPT).delete()
    new = ClientToken(user=user, scope=scope, token=token)
    ClientToken.objects.bulk_create([new], ignore_conflicts=True)
    return tokens.select_for_update(no_key=True).get(scope=scope, token=token)
