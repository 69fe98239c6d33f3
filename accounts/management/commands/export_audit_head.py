from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import sealing


class Command(BaseCommand):
    help = (
        "Print the newest seal of the audit trail as a signed line. Store one a day where nobody "
        "who manages the database can change it, and give the file to verify_audit --heads."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            head = sealing.get_head()
        except sealing.NotSealingError as error:
            raise CommandError(str(error)) from error
        if not head:
            raise CommandError("There is no seal yet. `manage.py housekeep` seals the audit trail.")
        self.stdout.write(head)
