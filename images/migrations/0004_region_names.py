from django.db import migrations

# As BCC writes them; a name that an operator has changed stays.
NAMES = {
    "bj": ("北京", "华北-北京"),
    "bd": ("保定", "华北-保定"),
    "gz": ("广州", "华南-广州"),
    "su": ("苏州", "华东-苏州"),
}


def give_area(apps, schema_editor):
    for code, (short, whole) in NAMES.items():
        regions = apps.get_model("images", "Region").objects
        regions.filter(code=code, name_zh=short).update(name_zh=whole)


class Migration(migrations.Migration):
    dependencies = [("images", "0003_instances")]

    operations = [migrations.RunPython(give_area, migrations.RunPython.noop)]
