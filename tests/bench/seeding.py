"""A large console in minutes: accounts with people and keys, images, shares and events, by SQL.

A fifth of the owners has four fifths of the images. Three people are measured, each with an access
key: "busy" owns as many images as fit and shares them with 50 accounts each, "quiet" has one image
and received one, and "empty" has nothing. One attempt in twenty was refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

KINDS = ("busy", "quiet", "empty")
GRANTS_PER_IMAGE = 10
PER_REGION = 20  # images of a busy account

ACCOUNTS = """
INSERT INTO accounts_account (account_id, name, uc_account, created_at)
SELECT md5('account ' || n), 'account-' || n, 'uc-account-' || n, now()
FROM generate_series(1, %(accounts)s) AS n;
CREATE TEMPORARY TABLE numbered AS
    SELECT row_number() OVER (ORDER BY name <> 'busy', name <> 'quiet', account_id) - 1 AS n,
        id, account_id, name
    FROM accounts_account WHERE name <> 'empty';
CREATE UNIQUE INDEX ON numbered (n);
ANALYZE numbered;
INSERT INTO accounts_user (
    username, password, email, is_superuser, is_staff, is_active, date_joined, account_id,
    inbox_seen_at, time_zone
)
SELECT 'person-' || id, 'x', '', false, false, id %% 100 > 0, created_at, id, created_at, ''
FROM accounts_account WHERE name LIKE 'account-%%';
INSERT INTO accounts_accesskey (
    key_id, description, encrypted_secret, is_active, created_at, user_id
)
SELECT md5(username), '', (SELECT encrypted_secret FROM accounts_accesskey LIMIT 1), is_active,
    date_joined, id
FROM accounts_user WHERE username LIKE 'person-%%'
    AND EXISTS (SELECT FROM accounts_accesskey);
"""

# Of account 0 and of every fifth one: a full share of each region. Of the others: one each
IMAGES = """
CREATE TEMPORARY TABLE places AS
    SELECT row_number() OVER (ORDER BY position) - 1 AS n, code FROM images_region;
CREATE TEMPORARY TABLE planned AS
    WITH busy AS (SELECT count(*) * %(per_region)s AS each FROM places)
    SELECT n, n < %(images)s * 0.8 AS is_of_busy,
        CASE WHEN n < %(images)s * 0.8 THEN n / each * 5 ELSE 1 + n - (%(images)s * 0.8)::bigint END
            AS owner,
        CASE WHEN n < %(images)s * 0.8 THEN n %% each / %(per_region)s ELSE 0 END AS place
    FROM busy, generate_series(0, %(images)s - 1) AS n;
INSERT INTO images_image (
    image_id, region_id, owner_id, type, settled_status, failure, name, "desc", size_gb,
    min_disk_gb, source, created_at, passing_status, passing_since, settles_at,
    os_type, os_name, os_version, os_arch, os_build, os_lang, special_version, encrypted
)
SELECT 'm-' || lpad(to_hex(planned.n), 8, '0'), places.code, numbered.id, 'Custom', 'Available', '',
    'golden-' || planned.n, '', 40, 40, '', at, '', at, at,
    CASE WHEN planned.n %% 5 = 0 THEN 'windows' ELSE 'linux' END,
    CASE WHEN planned.n %% 5 = 0 THEN 'Windows Server' ELSE 'Ubuntu' END,
    '22.04', 'x86_64 (64bit)', '', 'ENG', '', false
FROM planned JOIN places ON places.n = planned.place
JOIN numbered ON numbered.n = planned.owner %% (SELECT count(*) FROM numbered)
CROSS JOIN LATERAL (
    SELECT now() - interval '1 year' * (1 - planned.n::float / %(images)s) AS at
) AS times;
"""

# An image's recipients follow each other, so that none comes twice. The last accounts get nothing
GRANTS = """
CREATE TEMPORARY TABLE wanted AS
    SELECT images_image.id AS image_id, owner_id, owner.account_id AS owner_account, owner.name,
        images_image.image_id AS public_id, images_image.name AS image_name, region_id,
        CASE WHEN owner.n = 0 THEN 50 ELSE %(per_image)s END AS grants,
        row_number() OVER (ORDER BY images_image.id) AS n, images_image.created_at
    FROM images_image JOIN numbered AS owner ON owner.id = owner_id;
CREATE TEMPORARY TABLE given AS
    SELECT wanted.*, recipient.id AS recipient_id, recipient.account_id AS recipient_account,
        recipient.name AS recipient_name
    FROM wanted CROSS JOIN LATERAL generate_series(0, grants - 1) AS g
    JOIN numbered AS recipient
        ON recipient.n = 2 + (wanted.n * %(per_image)s + g) %% (%(accounts)s * 9 / 10)
    WHERE recipient.id <> owner_id
    UNION ALL
    SELECT wanted.*, recipient.id, recipient.account_id, recipient.name
    FROM wanted JOIN numbered AS recipient ON recipient.id <> owner_id AND (
        recipient.n = 0 AND wanted.n %% (%(images)s / 20) = 0
        OR recipient.n = 1 AND wanted.n = %(images)s / 2
    );
INSERT INTO images_sharegrant (image_id, owner_id, recipient_id, shared_at, shared_by)
SELECT image_id, owner_id, recipient_id, created_at, 'seed' FROM given;
"""

INSTANCES = """
INSERT INTO images_instance (
    instance_id, region_id, owner_id, name, "desc", zone_name, spec, cpu_count, memory_gb,
    system_disk_gb, image_id, image_name, image_type, keeps_image_login, created_at, released_at,
    settled_status, passing_status, passing_since, settles_at,
    os_type, os_name, os_version, os_arch, os_build, os_lang, special_version, encrypted
)
SELECT 'i' || substr(image_id, 2), region_id, owner_id, 'server-' || id, '', 'a', 'bcc.g5.c1m4', 1,
    4, 40, image_id, name, type, false, created_at, CASE WHEN id %% 4 = 0 THEN created_at END,
    'Running', '', created_at, created_at,
    os_type, os_name, os_version, os_arch, os_build, os_lang, special_version, encrypted
FROM images_image WHERE id %% 2 = 0 AND owner_id IS NOT NULL;
"""

EVENTS = """
INSERT INTO accounts_auditevent (
    at, verb, outcome, reason, channel, actor_account_id, actor_account, actor, access_key_id,
    address, request_id, region, target_type, target_id, target_name, accounts, recipients, detail
)
SELECT created_at, 'image.shared', outcome,
    CASE outcome WHEN 'done' THEN '' ELSE 'not-own-image' END,
    CASE WHEN recipient_id %% 3 = 0 THEN 'console' ELSE 'api' END, owner_account, name, name,
    CASE WHEN recipient_id %% 3 = 0 THEN '' ELSE md5('key of ' || owner_id) END,
    '192.0.2.1', gen_random_uuid()::text, region_id, 'image', public_id, image_name,
    ARRAY[owner_account, recipient_account],
    CASE outcome WHEN 'done' THEN ARRAY[recipient_account] ELSE ARRAY[]::text[] END,
    jsonb_build_object('recipients', jsonb_build_array(
        jsonb_build_object('account', recipient_name, 'accountId', recipient_account)
    ))
FROM given CROSS JOIN LATERAL (
    SELECT CASE WHEN given.recipient_id %% 20 = 0 THEN 'refused' ELSE 'done' END AS outcome
) AS results
ORDER BY created_at;
"""
INDEX_OF_EVENTS = """
INSERT INTO accounts_accountevent (account_id, kind, verb, at, event_id)
SELECT account, CASE
    WHEN outcome = 'done' THEN CASE account WHEN actor_account_id THEN 'done' ELSE 'received' END
    ELSE CASE account WHEN actor_account_id THEN 'refused' ELSE 'foreign' END
END, verb, at, id
FROM accounts_auditevent CROSS JOIN LATERAL unnest(accounts) AS account
WHERE verb = 'image.shared' ORDER BY 1, 2, 3, 4, 5;
"""

CLEAN_UP = "DROP TABLE given, wanted, planned, places, numbered"

# Rows are written in a tenth of the time without what looks at each of them
TABLES = [
    *("accounts_account", "accounts_user", "accounts_accesskey"),
    *("accounts_auditevent", "accounts_accountevent"),
    *("images_image", "images_instance", "images_sharegrant"),
]
FIND_INDEXES = """
    SELECT 'DROP INDEX ' || indexrelid::regclass,
        replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    FROM pg_index WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique
"""
FIND_CONSTRAINTS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I ', conrelid::regclass, conname)
        || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid = ANY (%s::regclass[])
        AND (contype = 'f' OR conname = 'accounts_accountevent_pkey')
"""
TRIGGERS = "ALTER TABLE accounts_auditevent {} TRIGGER accounts_auditevent_is_{}"


def seed(url: str, images: int) -> None:
    """Write `images` images and ten times the shares and events. `url` is the owner's.

    The accounts of KINDS must exist, and no others.
    """
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")
        fill(connection.cursor(), images)
        connection.execute("VACUUM ANALYZE")


def fill(cursor: Any, images: int) -> None:
    values = {
        "images": images,
        "accounts": max(images // 2, 100),
        "per_region": PER_REGION,
        "per_image": GRANTS_PER_IMAGE,
    }
    with bare_tables(cursor):
        for statement in (ACCOUNTS, IMAGES, GRANTS, INSTANCES, EVENTS, INDEX_OF_EVENTS):
            cursor.execute(statement, values)
        cursor.execute(CLEAN_UP)


@contextmanager
def bare_tables(cursor: Any) -> Iterator[None]:
    """Drop the indexes, foreign keys and triggers of the tables, and put them back at the end."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    pairs = []
    for query in (FIND_CONSTRAINTS, FIND_INDEXES):
        cursor.execute(query, [TABLES])
        pairs += cursor.fetchall()
    triggers = ["now", "indexed"]
    for drop in [*(drop for drop, _ in pairs), *(TRIGGERS.format("DISABLE", t) for t in triggers)]:
        cursor.execute(drop)
    yield
    for add in [*(add for _, add in pairs), *(TRIGGERS.format("ENABLE", t) for t in triggers)]:
        cursor.execute(add)
