import django.db.models.deletion
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
            AND starts_with(relname, 'images_')
        LOOP
            EXECUTE 'DROP INDEX ' || twin;
        END LOOP;
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("images", "0008_near_limits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="image",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="images",
                to="images.region",
                verbose_name="region",
            ),
        ),
        migrations.AlterField(
            model_name="instance",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instances",
                to="images.region",
                verbose_name="region",
            ),
        ),
        migrations.AlterField(
            model_name="sharegrant",
            name="image",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="images.image",
                verbose_name="image",
            ),
        ),
        migrations.RunSQL(DROP_INDEXES_FOR_LIKE, migrations.RunSQL.noop),
        # Migration 0007 added indexes of expressions, of which PostgreSQL knows nothing until then
        migrations.RunSQL(
            "SET LOCAL statement_timeout = 0; ANALYZE images_image, images_instance",
            migrations.RunSQL.noop,
        ),
    ]
