from django.db import migrations, models

# It runs as the owner: the application can only read the index. `accounts` has no duplicates, but
# an event must not fail because of its index.
FILL = """
    CREATE FUNCTION accounts_index_events() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO accounts_accountevent (account_id, kind, verb, at, event_id)
        SELECT account, CASE
            WHEN outcome = 'done' AND account = ANY (recipients) THEN 'received'
            WHEN outcome = 'done' THEN 'done'
            WHEN account = actor_account_id THEN 'refused'
            ELSE 'foreign'
        END, verb, at, id
        FROM added CROSS JOIN LATERAL unnest(accounts) AS account
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER accounts_auditevent_is_indexed
        AFTER INSERT ON accounts_auditevent REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION accounts_index_events();
"""
STOP = """
    DROP TRIGGER accounts_auditevent_is_indexed ON accounts_auditevent;
    DROP FUNCTION accounts_index_events();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_admin_lists")]

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "kind",
                        "verb",
                        "at",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.CharField(max_length=32)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("done", "Done"),
                            ("received", "Received"),
                            ("refused", "Refused"),
                            ("foreign", "Foreign"),
                        ],
                        max_length=8,
                    ),
                ),
                ("verb", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("event_id", models.BigIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(FILL, STOP),
    ]
