import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Django adds an index for LIKE to that of each unique text, for locales in which the other doesn't
# serve it. Nothing here asks for the beginning of such a text, and each costs every new row.
DROP_INDEXES_FOR_LIKE = """
    DO $$
    DECLARE twin regclass;
    BEGIN
        FOR twin IN
            SELECT indexrelid FROM pg_index JOIN pg_class AS of_table ON of_table.oid = indrelid
            JOIN pg_opclass ON pg_opclass.oid = ANY (indclass)
            WHERE opcname IN ('varchar_pattern_ops', 'text_pattern_ops')
            AND relnamespace = current_schema()::regnamespace
            AND starts_with(relname, 'accounts_')
        LOOP
            EXECUTE 'DROP INDEX ' || twin;
        END LOOP;
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_key_fingerprints"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="auditevent",
            name="auditevent_recipients",
        ),
        migrations.AlterField(
            model_name="clienttoken",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(DROP_INDEXES_FOR_LIKE, migrations.RunSQL.noop),
        # Migration 0021 added indexes of expressions, of which PostgreSQL knows nothing until then
        migrations.RunSQL(
            "SET LOCAL statement_timeout = 0;"
            "ANALYZE accounts_account, accounts_user, accounts_accesskey, accounts_auditevent",
            migrations.RunSQL.noop,
        ),
    ]
