"""The console's own keys: each made once by `manage.py up`, kept beside the data."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Stored:
    """A key in a file of its own."""

    name: str
    new: Callable[[], str]

    def stored(self, data_dir: Path) -> str:
        """Return the key that is kept here, or nothing: one in the environment needs none."""
        try:
            return (data_dir / self.name).read_text()
        except OSError:
            return ""

    def make(self, data_dir: Path) -> str:
        """Keep a new key here, whole or not at all, for the eyes of this user alone."""
        key = self.new()
        file = data_dir / self.name
        staging = file.with_suffix(".new")
        staging.unlink(missing_ok=True)
        staging.touch(mode=0o600)
        with staging.open("w") as opened:
            opened.write(key)
            opened.flush()
            os.fsync(opened.fileno())
        staging.rename(file)
        return key


SIGNING = Stored("secret_key", lambda: secrets.token_urlsafe(50))
ENCRYPTION = Stored("access_key_encryption_key", lambda: Fernet.generate_key().decode())
