"""Environment variables, and settings for production."""

from __future__ import annotations

import re

from django.conf import settings

from console import settings as production


def test_the_example_file_names_every_variable_that_is_read():
    names = re.findall(
        r'env\.\w+\(\s*"(\w+)"', (settings.BASE_DIR / "console/settings.py").read_text()
    )
    example = (settings.BASE_DIR / ".env.example").read_text()

    assert sorted(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == sorted(names)


def test_passwords_are_hashed_with_argon2_in_production():
    assert production.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert not production.DEBUG
    assert settings.SESSION_COOKIE_HTTPONLY
