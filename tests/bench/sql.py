"""The floor of the database: the least SQL of a share and of a list, run by pgbench."""

from __future__ import annotations

import subprocess

from console import postgres

TRANSACTIONS = 500
# A share with its event, as one statement. `n` counts up
SHARE = r"""
\set n :n + 1
WITH image AS (
    SELECT id, image_id, name, owner_id, region_id FROM images_image
    WHERE image_id = '{image}' FOR NO KEY UPDATE
), recipient AS (
    SELECT id, name, account_id FROM accounts_account WHERE name = 'account-' || :n
), shared AS (
    INSERT INTO images_sharegrant (image_id, owner_id, recipient_id, shared_at, shared_by)
    SELECT image.id, owner_id, recipient.id, now(), 'busy' FROM image, recipient
)
INSERT INTO accounts_auditevent (
    at, verb, outcome, reason, channel, actor_account_id, actor_account, actor, access_key_id,
    address, request_id, region, target_type, target_id, target_name, accounts, recipients, detail
)
SELECT now(), 'image.shared', 'done', '', 'api', owner.account_id, owner.name, 'busy',
    md5('key'), '192.0.2.1', gen_random_uuid()::text, region_id, 'image', image_id, image.name,
    ARRAY[owner.account_id, recipient.account_id], ARRAY[recipient.account_id],
    jsonb_build_object('recipients', jsonb_build_array(
        jsonb_build_object('account', recipient.name, 'accountId', recipient.account_id)
    ))
FROM recipient, image JOIN accounts_account AS owner ON owner.id = owner_id;
"""
LIST = """
SELECT image_id, name, type, settled_status, os_name, os_version, size_gb, created_at, (
    SELECT count(*) FROM images_sharegrant AS shared WHERE shared.image_id = image.id
) FROM images_image AS image WHERE region_id = 'bj'
AND owner_id = (SELECT id FROM accounts_account WHERE name = 'busy')
ORDER BY created_at DESC, image_id LIMIT 20;
"""


def run_pgbench(server: postgres.Embedded, script: str) -> None:
    """Run the script TRANSACTIONS times on one connection, with prepared statements."""
    pgbench = postgres._find_binaries(server.user) / "pgbench"
    options = ["-n", "-M", "prepared", "-D", "n=0", "-f", "-", "-t", str(TRANSACTIONS)]
    done = subprocess.run(
        [pgbench, *options, server.url], input=script, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
