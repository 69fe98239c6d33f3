from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("images", "0007_admin_lists_of_images")]

    operations = [
        migrations.CreateModel(
            name="NearLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=8)),
                ("key", models.BigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="nearlimit",
            constraint=models.UniqueConstraint(
                models.F("model"), models.F("key"), name="near_limit_once"
            ),
        ),
    ]
