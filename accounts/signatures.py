"""Signatures of the API that changed something, so that a captured request can't be sent again.

Clients repeat a request with its signature when no answer came, and equal requests within one
second have equal signatures. So a signature can be used again for a few seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from .exceptions import Refused
from .limits import get_digest
from .models import UsedSignature
from .signing import LONGEST_EXPIRY, Claim

REPEAT_PERIOD = timedelta(seconds=5)

# Also deletes some of those that have expired, so that as many go as come.
USE = """
    WITH expired AS (
        DELETE FROM accounts_usedsignature WHERE digest IN (
            SELECT digest FROM accounts_usedsignature WHERE expires_at < %(now)s
            ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED
        )
    )
    INSERT INTO accounts_usedsignature AS used (digest, used_at, expires_at)
    VALUES (%(digest)s, %(now)s, %(expires_at)s)
    ON CONFLICT (digest) DO UPDATE SET used_at = used.used_at
    RETURNING used_at
"""


@contextmanager
def used(claim: Claim) -> Iterator[None]:
    """Use a valid signature for a change, made inside. After an error of its first use it is new.

    Raises signing.RequestExpired if it was used before, and it or that use is over five seconds
    old. Call it outside a transaction.
    """
    now, digest = timezone.now(), get_digest(claim.signature)
    expires_at = claim.timestamp + min(claim.expires_in, LONGEST_EXPIRY)
    with connection.cursor() as cursor:
        cursor.execute(USE, {"digest": digest, "now": now, "expires_at": expires_at})
        (first,) = cursor.fetchone()
    if first != now and now - min(first, claim.timestamp) > REPEAT_PERIOD:
        raise claim.expired
    try:
        yield
    except Refused:
        raise
    except Exception:
        with suppress(DatabaseError):  # a repeat that fails doesn't undo the first use
            UsedSignature.objects.filter(digest=digest, used_at=now).delete()
        raise
