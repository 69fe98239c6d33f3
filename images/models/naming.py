"""IDs and names as BCC writes them."""

from __future__ import annotations

import secrets
import string

from django.utils.translation import gettext_lazy as _

ID_ALPHABET = string.ascii_letters + string.digits
# BCC "Create a custom image": 1-65 characters, a letter first; the strict reading has no space.
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9\u4e00-\u9fa5_/.-]{0,64}\Z"
# The same for the pattern attribute of HTML, which is read in the v mode of JavaScript
NAME_PATTERN_HTML = r"[A-Za-z][A-Za-z0-9\u4e00-\u9fa5_\/.\-]{0,64}"
NAME_RULE = _(
    "1 to 65 characters: a letter first, then letters, digits, Chinese characters or - _ / ."
)
DESC_LENGTH = 250


def new_image_id() -> str:
    return "m-" + eight_characters()


def new_instance_id() -> str:
    return "i-" + eight_characters()


def eight_characters() -> str:
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(8))
