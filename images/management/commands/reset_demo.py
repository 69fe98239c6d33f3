"""Start over with the demo data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.asking import require_yes
from accounts.models import Account, User
from images.models import Image


class Command(BaseCommand):
    help = "Delete everything in the database of `make run`, and add the demo data again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if not (settings.ONLY_LOCAL and settings.HAS_EMBEDDED_DATABASE):
            raise CommandError(
                "Only the data of a console for this machine can be reset: with a loopback address "
                "in HOST, HTTPS=0, TRUSTED_PROXIES=0 and without DATABASE_URL."
            )
        counts = ", ".join(
            f"{model.objects.count()} {model._meta.verbose_name_plural}"
            for model in (Account, User, Image)
        )
        require_yes(f"Delete {counts} and everything else?", is_given=options["yes"])
        call_command("flush", interactive=False, verbosity=0)
        call_command("seed_demo", stdout=self.stdout)
