from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.actors import SYSTEM


class Command(BaseCommand):
    help = (
        "Re-encrypt the secrets of all access keys with the first key in "
        "ACCESS_KEY_ENCRYPTION_KEYS. The other keys can be removed afterwards."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            count = keys.rotate(by=SYSTEM)
        except keys.UnreadableSecret as error:
            raise CommandError(
                "No key in ACCESS_KEY_ENCRYPTION_KEYS decrypts the secret of access key "
                f"{error}. Nothing was changed. Add the missing key."
            ) from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Re-encrypted the secrets of {count} access keys.")
