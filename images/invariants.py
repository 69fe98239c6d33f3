"""What is always true of the database, whatever happened: `manage.py check_invariants`.

Verbs and constraints keep it so. These queries find what a bug, a restored backup or an edit by
hand broke. Each rule is one statement, however many rows there are. Its sentences are for
operators at a command line, in English.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import tally
from accounts.audit import Verb
from accounts.changes import Changes
from accounts.models import Account, AuditEvent

from . import quotas


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and the query for the rows that break it. `sentence` is about one of these rows."""

    code: str
    sentence: str
    sql: str


# What the rules read. What is older than the trail, part of which may be in an archive, can't be
# compared with it. Events about the same image have IDs in the order of its locks.
VIEWS = """
WITH share AS (
    SELECT image.image_id, image.type, image.owner_id AS image_owner_id, grants.owner_id,
        grants.recipient_id, grants.shared_at, recipient.account_id, recipient.name AS recipient,
        recipient.closed_at AS recipient_closed_at, owner.name AS owner,
        owner.closed_at AS owner_closed_at
    FROM images_sharegrant AS grants
    JOIN images_image AS image ON image.id = grants.image_id
    JOIN accounts_account AS recipient ON recipient.id = grants.recipient_id
    LEFT JOIN accounts_account AS owner ON owner.id = image.owner_id
), done AS (
    SELECT * FROM accounts_auditevent WHERE outcome = 'done'
), trail AS (
    SELECT coalesce(min(at), '-infinity') AS since FROM accounts_auditevent
), step AS (
    SELECT done.id, target_id AS image_id, account_id, verb
    FROM done, unnest(done.recipients) AS account_id
    WHERE verb IN ('image.shared', 'image.shares-restored', 'image.unshared')
), last_step AS (
    SELECT DISTINCT ON (image_id, account_id) * FROM step ORDER BY image_id, account_id, id DESC
), use_or_step AS (
    SELECT * FROM step
    UNION ALL
    SELECT done.id, target_id, account_id, verb FROM done, unnest(done.accounts) AS account_id
    WHERE verb = 'image.handed-over'
    UNION ALL
    SELECT id, detail->>'image', actor_account_id, verb FROM done
    WHERE verb IN ('instance.created', 'instance.reinstalled')
), answered AS (
    SELECT token, username, token.seen_at, answer FROM accounts_clienttoken AS token
    JOIN accounts_user AS person ON person.id = token.user_id
    WHERE scope <> 'console' AND answer IS NOT NULL
), counted AS (
    SELECT key AS name, started_at AS at FROM accounts_attempt
    UNION ALL SELECT digest, charged_at FROM accounts_chargedtext
    UNION ALL SELECT key, started_at FROM accounts_refusaltally
    UNION ALL SELECT digest, used_at FROM accounts_usedsignature
    UNION ALL SELECT token, seen_at FROM accounts_clienttoken
)
"""

RULES = [
    Rule(
        "share-of-public-image",
        "Image %s isn't a custom image, but is shared with %s.",
        "SELECT image_id, recipient FROM share WHERE type <> 'Custom'",
    ),
    Rule(
        "share-by-other-owner",
        "The share of image %s with %s names another owner than the image does.",
        "SELECT image_id, recipient FROM share WHERE owner_id IS DISTINCT FROM image_owner_id",
    ),
    Rule(
        "share-with-owner",
        "Image %s is shared with its owner %s.",
        "SELECT image_id, recipient FROM share WHERE recipient_id = image_owner_id",
    ),
    Rule(
        "share-with-closed-account",
        "Image %s is shared with %s, which is closed.",
        "SELECT image_id, recipient FROM share WHERE recipient_closed_at IS NOT NULL",
    ),
    Rule(
        "share-by-closed-account",
        "Image %s is shared with %s, but its owner %s is closed.",
        "SELECT image_id, recipient, owner FROM share WHERE owner_closed_at IS NOT NULL",
    ),
    Rule(
        "share-after-unshare",
        "Image %s is shared with %s, but the trail says that it was unshared since.",
        """
        SELECT image_id, recipient FROM share JOIN last_step USING (image_id, account_id)
        WHERE verb = 'image.unshared'
        """,
    ),
    Rule(
        "share-that-is-gone",
        "The trail says that image %s is shared with the account %s, but it isn't.",
        """
        SELECT image_id, account_id FROM last_step LEFT JOIN share USING (image_id, account_id)
        WHERE verb <> 'image.unshared' AND share.recipient IS NULL
        """,
    ),
    Rule(
        "share-without-event",
        "Image %s is shared with %s, but the trail has no event of it.",
        """
        SELECT image_id, recipient FROM trail, share LEFT JOIN last_step
        USING (image_id, account_id)
        WHERE shared_at >= since AND last_step.id IS NULL
        """,
    ),
    Rule(
        "undone-twice",
        "The unshare of image %s in event %s was undone %s times.",
        """
        SELECT max(target_id), detail->>'undoes', count(*) FROM done
        WHERE verb = 'image.shares-restored'
        GROUP BY detail->>'undoes' HAVING count(*) > 1
        """,
    ),
    Rule(
        "use-after-unshare",
        "In event %s, the account %s used image %s, which was unshared from it before.",
        """
        SELECT id, account_id, image_id FROM (
            SELECT *, lag(verb) OVER (PARTITION BY image_id, account_id ORDER BY id) AS before
            FROM use_or_step
        ) AS ordered
        WHERE before = 'image.unshared' AND verb IN ('instance.created', 'instance.reinstalled')
        """,
    ),
    Rule(
        "image-without-event",
        "Image %s of %s exists, but the trail has no event that created it.",
        """
        SELECT image.image_id, owner.name FROM trail, images_image AS image
        JOIN accounts_account AS owner ON owner.id = image.owner_id
        LEFT JOIN done ON done.target_id = image.image_id AND done.verb = 'image.created'
        WHERE image.created_at >= since AND done.id IS NULL
        """,
    ),
    Rule(
        "image-deleted-but-there",
        "The trail says that image %s was deleted, but it exists.",
        """
        SELECT DISTINCT image.image_id FROM images_image AS image
        JOIN done ON done.target_id = image.image_id
        WHERE done.verb IN ('image.deleted', 'image.copy-cancelled')
        """,
    ),
    Rule(
        "instance-without-event",
        "Instance %s of %s exists, but the trail has no event that created it.",
        """
        SELECT instance.instance_id, owner.name FROM trail, images_instance AS instance
        JOIN accounts_account AS owner ON owner.id = instance.owner_id
        LEFT JOIN done ON done.target_id = instance.instance_id AND done.verb = 'instance.created'
        WHERE instance.created_at >= since AND done.id IS NULL
        """,
    ),
    Rule(
        "instance-released-but-there",
        "The trail says that instance %s was released, but it is not.",
        """
        SELECT DISTINCT instance.instance_id FROM images_instance AS instance
        JOIN done ON done.target_id = instance.instance_id
        WHERE done.verb = 'instance.released' AND instance.released_at IS NULL
        """,
    ),
    Rule(
        "instance-elsewhere",
        "Instance %s is in region %s, but its image %s is in another region.",
        """
        SELECT instance.instance_id, instance.region_id, image.image_id
        FROM images_instance AS instance JOIN images_image AS image USING (image_id)
        WHERE instance.region_id <> image.region_id AND instance.released_at IS NULL
        """,
    ),
    Rule(
        "key-of-closed-account",
        "Access key %s of %s is active, but the account %s is closed.",
        """
        SELECT key.key_id, person.username, account.name FROM accounts_accesskey AS key
        JOIN accounts_user AS person ON person.id = key.user_id
        JOIN accounts_account AS account ON account.id = person.account_id
        WHERE key.is_active AND account.closed_at IS NOT NULL
        """,
    ),
    Rule(
        "too-many-keys",
        "%s has %s active access keys, and %s in all.",
        """
        SELECT person.username, count(*) FILTER (WHERE key.is_active), count(*)
        FROM accounts_accesskey AS key JOIN accounts_user AS person ON person.id = key.user_id
        GROUP BY person.username
        HAVING count(*) FILTER (WHERE key.is_active) > %(active_keys)s OR count(*) > %(keys)s
        """,
    ),
    Rule(
        "session-of-nobody",
        "%s can't sign in, but has sessions: %s.",
        """
        SELECT person.username, count(*) FROM accounts_session AS session
        JOIN accounts_user AS person ON person.id = session.user_id
        LEFT JOIN accounts_account AS account ON account.id = person.account_id
        WHERE NOT person.is_active OR account.closed_at IS NOT NULL
        GROUP BY person.username
        """,
    ),
    Rule(
        "token-half-done",
        "The client token %s of %s has a request without an answer, or the reverse.",
        """
        SELECT token, username FROM accounts_clienttoken AS token
        JOIN accounts_user AS person ON person.id = token.user_id
        WHERE scope <> 'console' AND (fingerprint = '') <> (answer IS NULL)
        """,
    ),
    Rule(
        "token-without-event",
        "The client token %s of %s created %s, but the trail has no event of it.",
        """
        SELECT token, username, created FROM trail, (
            SELECT *, jsonb_array_elements_text(answer->'instance_ids') AS created FROM answered
            UNION ALL
            SELECT *, answer->>'image_id' FROM answered WHERE answer->>'image_id' IS NOT NULL
        ) AS token
        LEFT JOIN done ON done.target_id = created
        AND done.verb IN ('instance.created', 'image.created')
        WHERE seen_at >= since AND done.id IS NULL
        """,
    ),
    Rule(
        "refusals-without-event",
        "Since %s, %s was refused %s times (%s), but the trail has %s events of it.",
        """
        SELECT tally.started_at, tally.event->>'verb', tally.number, tally.event->>'reason',
            count(event.id)
        FROM trail, accounts_refusaltally AS tally LEFT JOIN accounts_auditevent AS event
        ON event.outcome = 'refused' AND event.verb = tally.event->>'verb'
        AND event.reason = tally.event->>'reason'
        AND event.actor_account_id = tally.event->>'actor_account_id'
        AND (event.actor_account_id = '' OR event.actor = tally.event->>'actor')
        AND event.at >= tally.started_at - interval '1 minute'
        WHERE tally.started_at >= since
        GROUP BY tally.key HAVING count(event.id) < least(tally.number, %(recorded_refusals)s)
        """,
    ),
    Rule(
        "signature-used-late",
        "The signature with the digest %s was used at %s, but was valid until %s.",
        """
        SELECT digest, used_at, expires_at FROM accounts_usedsignature
        WHERE used_at > expires_at + interval '1 minute'
        """,
    ),
    Rule(
        "counted-in-the-future",
        "%s was counted at %s, which is in the future. A server's clock was wrong.",
        "SELECT name, at FROM counted WHERE at > %(now)s + interval '5 minutes'",
    ),
]


def find(*, without: Collection[str] = ()) -> list[str]:
    """Return a sentence for each row that breaks a rule. `without` are codes of rules."""
    found = []
    for rule in RULES:
        if rule.code not in without:
            found += [f"{rule.code}: {rule.sentence % row}" for row in query(VIEWS + rule.sql)]
    return [*found, *find_exceeded()]


def query(sql: str) -> list[tuple[Any, ...]]:
    limits: dict[str, Any] = {
        "active_keys": settings.MAX_ACTIVE_ACCESS_KEYS,
        "keys": settings.MAX_ACCESS_KEYS,
        "recorded_refusals": tally.MAX_EVENTS,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, limits | quotas.DEFAULTS)
        return list(cursor.fetchall())


# Limits

# The counts that may be above a limit
COUNTS = {
    "recipient_limit": """
        SELECT owner.id, count(*), 'Recipients of image ' || image.image_id
        FROM images_sharegrant AS share
        JOIN images_image AS image ON image.id = share.image_id
        JOIN accounts_account AS owner ON owner.id = image.owner_id
        GROUP BY owner.id, image.id
        HAVING count(*) > least(owner.recipient_limit, %(recipient_limit)s)
    """,
    "received_image_limit": """
        SELECT recipient.id, count(*), 'Images shared with ' || recipient.name
        FROM images_sharegrant AS share
        JOIN accounts_account AS recipient ON recipient.id = share.recipient_id
        GROUP BY recipient.id
        HAVING count(*) > least(recipient.received_image_limit, %(received_image_limit)s)
    """,
    "custom_image_limit": """
        SELECT owner.id, count(*), 'Custom images in ' || image.region_id
        FROM images_image AS image JOIN accounts_account AS owner ON owner.id = image.owner_id
        GROUP BY owner.id, image.region_id
        HAVING count(*) > least(owner.custom_image_limit, %(custom_image_limit)s)
    """,
}


def find_exceeded() -> Iterator[str]:
    """Yield a sentence for each count above every limit that its account ever had.

    An operator can set a limit below the count: then nothing is taken away.
    """
    rows = [(field, *row) for field, sql in COUNTS.items() for row in query(sql)]
    accounts = Account.objects.in_bulk({row[1] for row in rows})
    history = read_history(accounts.values())
    for field, pk, number, what in rows:
        account = accounts[pk]
        limit = max(list_limits(account, field, history[account.account_id]))
        if number > limit:
            yield f"over-limit: {what}: {number}. The limit of {account} was never above {limit}."


def read_history(accounts: Iterable[Account]) -> dict[str, list[Changes]]:
    """Return the changes of each account (by ID), as the trail has them."""
    history: dict[str, list[Changes]] = {account.account_id: [] for account in accounts}
    events = AuditEvent.objects.filter(verb=Verb.CHANGE, target_id__in=list(history)).order_by()
    for event in events.filter(target_type="account"):
        history[event.target_id].append(event.detail.get("changes", {}))
    return history


def list_limits(account: Account, field: str, history: Iterable[Changes]) -> Iterator[int]:
    """Yield every limit that the account had. Its own one is over after its last day."""
    yield quotas.get_limit(account, field)
    if (own := getattr(account, field)) is not None:
        yield own
    for changes in history:
        for value in changes.get(field, {}).values():
            yield int(value) if value.isdecimal() else quotas.DEFAULTS[field]
        if "limits_until" in changes:
            yield quotas.DEFAULTS[field]
