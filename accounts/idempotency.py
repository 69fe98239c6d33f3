"""Run a request only once, even if a client repeats it with the same token.

Source: BCE's rule for `clientToken`: at most 64 ASCII characters, valid for 24 hours after its
last use, per person, service and region.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from . import limits
from .exceptions import Refused
from .models import ClientToken, User
from .transactions import run_in_transaction

TOKEN_LIFETIME = timedelta(hours=24)
# Longer than a request takes
UNUSED_LIFETIME = timedelta(minutes=1)
LONGEST_TOKEN = 64

# Adds the token, unless it is there or the person has as many as are kept
ADD = """
    INSERT INTO accounts_clienttoken (user_id, scope, token, fingerprint, seen_at)
    SELECT %(user)s, %(scope)s, %(token)s, '', %(now)s
    WHERE (SELECT count(*) FROM accounts_clienttoken WHERE user_id = %(user)s) < %(limit)s
    ON CONFLICT DO NOTHING
"""


class TokenUsedOtherwise(Refused):
    code = "token-used-otherwise"
    sentence = "This client token was already used for a different request."


class TooManyTokens(Refused):
    code = "too-many-client-tokens"
    sentence = "Too many client tokens. Each is kept for 24 hours."
    retry_after = 3600


def run_once(
    run: Callable[[], dict[str, Any]], *, user: User, scope: str, token: str, fingerprint: str
) -> dict[str, Any]:
    """Run and return the result, or return the one stored for this user, scope and token.

    `fingerprint` tells requests apart. A parallel call with the same token waits for the first.
    A refusal leaves the token unused. Raises TokenUsedOtherwise, TooManyTokens,
    and the refusals of `run`.
    """

    def run_first() -> dict[str, Any] | Refused:
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
        except Refused as refusal:
            return refusal
        row.answer, row.fingerprint, row.seen_at = answer, fingerprint, timezone.now()
        row.save(update_fields=["answer", "fingerprint", "seen_at"])
        return answer

    with limits.kept():
        result = run_in_transaction(run_first)
    if isinstance(result, Refused):  # raised after the commit, which keeps its audit event
        raise result
    return result


def lock_token(user: User, scope: str, token: str) -> ClientToken:
    """Lock and return the row of this token. Create it if it is missing or expired.

    Tokens of refused requests are forgotten soon. Raises TooManyTokens.
    """
    now = timezone.now()
    tokens = ClientToken.objects.filter(user=user)
    is_unused = Q(answer__isnull=True, seen_at__lt=now - UNUSED_LIFETIME)
    tokens.filter(is_unused | Q(seen_at__lt=now - TOKEN_LIFETIME)).delete()
    parameters: dict[str, Any] = {"user": user.pk, "scope": scope, "token": token, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(ADD, parameters | {"limit": settings.MAX_CLIENT_TOKENS})
    row = tokens.select_for_update(no_key=True).filter(scope=scope, token=token).first()
    if row is None:
        raise TooManyTokens
    return row
