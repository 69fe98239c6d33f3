"""A large console in seconds: accounts, images, shares and their events, written by SQL.

A fifth of the owners has four fifths of the images. Three people are measured, each with an access
key: "busy" owns as many images as fit and shares them with 50 accounts each, "quiet" has one image
and received one, and "empty" has nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg

KINDS = ("busy", "quiet", "empty")
GRANTS_PER_IMAGE = 10
PER_REGION = 20  # images of a busy account

ACCOUNTS = """
INSERT INTO accounts_account (account_id, name, uc_account, created_at)
SELECT md5('account ' || n), 'account-' || n, 'uc-account-' || n, now()
FROM generate_series(1, %(accounts)s) AS n;
CREATE TEMPORARY TABLE numbered AS
    SELECT row_number() OVER (ORDER BY name <> 'busy', name <> 'quiet', id) - 1 AS n,
        id, account_id, name
    FROM accounts_account WHERE name <> 'empty';
CREATE UNIQUE INDEX ON numbered (n);
ANALYZE numbered;
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

EVENTS = """
ALTER TABLE accounts_auditevent DISABLE TRIGGER accounts_auditevent_is_now;
INSERT INTO accounts_auditevent (
    at, verb, outcome, reason, channel, actor_account_id, actor_account, actor, access_key_id,
    address, request_id, region, target_type, target_id, target_name, accounts, recipients, detail
)
SELECT created_at, 'image.shared', 'done', '', 'api', owner_account, name, name, '',
    '192.0.2.1', gen_random_uuid()::text, region_id, 'image', public_id, image_name,
    ARRAY[owner_account, recipient_account], ARRAY[recipient_account],
    jsonb_build_object('recipients', jsonb_build_array(
        jsonb_build_object('account', recipient_name, 'accountId', recipient_account)
    ))
FROM given ORDER BY created_at;
ALTER TABLE accounts_auditevent ENABLE TRIGGER accounts_auditevent_is_now;
"""

CLEAN_UP = "DROP TABLE given, wanted, planned, places, numbered"


def seed(url: str, images: int) -> None:
    """Write `images` images and ten times the shares and events. `url` is the owner's.

    The accounts of KINDS must exist, and no others.
    """
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")
        fill(connection.execute, images)
        connection.execute("VACUUM ANALYZE")


def fill(execute: Callable[..., object], images: int) -> None:
    values = {
        "images": images,
        "accounts": max(images // 2, 100),
        "per_region": PER_REGION,
        "per_image": GRANTS_PER_IMAGE,
    }
    for statement in (ACCOUNTS, IMAGES, GRANTS, EVENTS):
        execute(statement, values)
    execute(CLEAN_UP)
