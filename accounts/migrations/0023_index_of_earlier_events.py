from django.db import migrations

# Apart from migration 0022, so that nobody waits: its lock on the trail is released by now, and
# the trigger adds what is written meanwhile.
FILL = """
    INSERT INTO accounts_accountevent (account_id, kind, verb, at, event_id)
    SELECT account, CASE
        WHEN outcome = 'done' AND account = ANY (recipients) THEN 'received'
        WHEN outcome = 'done' THEN 'done'
        WHEN account = actor_account_id THEN 'refused'
        ELSE 'foreign'
    END, verb, at, id
    FROM accounts_auditevent CROSS JOIN LATERAL unnest(accounts) AS account
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT DO NOTHING;
    ANALYZE accounts_accountevent;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_events_by_account")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
