"""The console's own keys: `manage.py up` creates each once and stores it in the data folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class KeyFile:
    """A key that is stored in its own file."""

    name: str
    generate: Callable[[], str]

    def read(self, data_dir: Path) -> str:
        """Return the stored key, or an empty string: the key may be in the environment instead."""
        try:
            return (data_dir / self.name).read_text()
        except OSError:
            return ""

    def create(self, data_dir: Path) -> str:
        """Generate a key and store it atomically, readable only by the current user."""
        key = self.generate()
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


SIGNING = KeyFile("secret_key", lambda: secrets.token_urlsafe(50))
ENCRYPTION = KeyFile("access_key_encryption_key", lambda: Fernet.generate_key().decode())
AUDIT = KeyFile("audit_signing_key", lambda: Fernet.generate_key().decode())
