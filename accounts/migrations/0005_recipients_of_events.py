import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.utils.timezone
from django.db import migrations, models

# What was written before the column was there says it in its detail.
FILL = """
    ALTER TABLE accounts_auditevent DISABLE TRIGGER accounts_auditevent_only_grows;
    UPDATE accounts_auditevent SET recipients = ARRAY(
        SELECT share->>'accountId' FROM jsonb_array_elements(detail->'recipients') AS share
    ) WHERE verb IN ('image.shared', 'image.unshared', 'image.shares-restored')
      AND outcome = 'done';
    ALTER TABLE accounts_auditevent ENABLE TRIGGER accounts_auditevent_only_grows;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_client_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="recipients",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                default=list,
                size=None,
                verbose_name="recipients",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="user",
            name="inbox_seen_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=django.contrib.postgres.indexes.GinIndex(
                "recipients", name="auditevent_recipients"
            ),
        ),
    ]
