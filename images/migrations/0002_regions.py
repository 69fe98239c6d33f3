from django.db import migrations

# BCC "Regions and endpoints"
REGIONS = [
    ("bj", "Beijing", "北京"),
    ("bd", "Baoding", "保定"),
    ("gz", "Guangzhou", "广州"),
    ("su", "Suzhou", "苏州"),
    ("hkg", "Hong Kong", "香港"),
    ("sin", "Singapore", "新加坡"),
]


def add_regions(apps, schema_editor):
    Region = apps.get_model("images", "Region")
    Region.objects.bulk_create(
        Region(code=code, name_en=name_en, name_zh=name_zh, position=position)
        for position, (code, name_en, name_zh) in enumerate(REGIONS)
    )


def remove_regions(apps, schema_editor):
    codes = [code for code, _, _ in REGIONS]
    apps.get_model("images", "Region").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("images", "0001_initial")]

    operations = [migrations.RunPython(add_regions, remove_regions)]
