"""The formats of BCC's IDs and names."""

from __future__ import annotations

import secrets
import string

from django.utils.translation import gettext_lazy as _

ID_ALPHABET = string.ascii_letters + string.digits
# BCC "Create a custom image": 1-65 characters, first a letter. Read strictly: no spaces.
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9\u4e00-\u9fa5_/.-]{0,64}\Z"
# The same for the HTML pattern attribute, which browsers compile with the v flag
NAME_PATTERN_HTML = r"[A-Za-z][A-Za-z0-9\u4e00-\u9fa5_\/.\-]{0,64}"
NAME_RULE = _(
    "1–65 characters: start with a letter, then use letters, digits, Chinese characters or - _ / ."
)
DESC_LENGTH = 250


def new_image_id() -> str:
    return "m-" + generate_suffix()


def new_instance_id() -> str:
    return "i-" + generate_suffix()


def generate_suffix() -> str:
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(8))
