from __future__ import annotations

import re

from django.conf import settings


def test_example_names_every_variable_that_is_read():
    read = re.findall(
        r'env\.\w+\(\s*"(\w+)"', (settings.BASE_DIR / "console/settings.py").read_text()
    )
    example = (settings.BASE_DIR / ".env.example").read_text()

    assert sorted(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == sorted(read)
