"""The console's secret key: made once by `manage.py up`, kept beside the data."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def stored(data_dir: Path) -> str:
    """Return the key that is kept here, or nothing: SECRET_KEY in the environment needs none."""
    try:
        return _file(data_dir).read_text()
    except OSError:
        return ""


def make(data_dir: Path) -> str:
    """Keep a new key here, whole or not at all, for the eyes of this user alone."""
    key = secrets.token_urlsafe(50)
    staging = _file(data_dir).with_suffix(".new")
    staging.unlink(missing_ok=True)
    staging.touch(mode=0o600)
    staging.write_text(key)
    staging.rename(_file(data_dir))
    return key


def _file(data_dir: Path) -> Path:
    return data_dir / "secret_key"
