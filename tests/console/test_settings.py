"""Environment variables, and settings for production."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.hashers import Argon2InTurn
from console import settings as production


def test_the_example_file_names_every_variable_that_is_read():
    names = re.findall(
        r'env\.\w+\(\s*"(\w+)"', (settings.BASE_DIR / "console/settings.py").read_text()
    )
    example = (settings.BASE_DIR / ".env.example").read_text()

    assert sorted(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == sorted(names)


def test_passwords_are_hashed_with_argon2_in_production():
    assert production.PASSWORD_HASHERS == ["accounts.hashers.Argon2InTurn"]
    assert issubclass(Argon2InTurn, Argon2PasswordHasher)
    assert not production.DEBUG
    assert settings.SESSION_COOKIE_HTTPONLY


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("PORT", "abc", "PORT must be a number from 1 to 65535, not 'abc'."),
        (
            "HTTPS",
            "maybe",
            "Change these settings in the environment or in .env. HTTPS: Not a valid boolean.",
        ),
    ],
)
def test_a_setting_that_cannot_be_read_is_one_clear_line(name, value, line):
    result = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=settings.BASE_DIR,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr == f"{line}\n"


PRINT = """
from console import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)
print(s.SESSION_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS)
print(s.KNOWN_BROWSER_COOKIE_NAME)
"""


def test_with_https_cookies_are_bound_to_the_host():
    result = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=settings.BASE_DIR,
        env=os.environ | {"HTTPS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.split() == [
        *("__Host-sessionid", "__Host-csrftoken", "True", "True"),
        *("Lax", "31536000", "True", "__Host-known-browser"),
    ]
