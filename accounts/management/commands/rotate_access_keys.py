from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.actors import SYSTEM


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of all access keys with the first of ACCESS_KEY_ENCRYPTION_KEYS; "
        "after that the others are not needed."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            count = keys.rotate(by=SYSTEM)
        except keys.UnreadableSecret as error:
            raise CommandError(
                f"The secret of access key {error} is not opened by any of "
                "ACCESS_KEY_ENCRYPTION_KEYS. Nothing was changed."
            ) from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Encrypted the secrets of {count} access keys with the first key.")
