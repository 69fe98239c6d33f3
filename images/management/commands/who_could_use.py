from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from images import history


class Command(BaseCommand):
    help = (
        "Print which accounts could use an image at a time, from the audit trail and its archives "
        "alone. The status of the image isn't considered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("image", metavar="IMAGE", help="image ID")
        parser.add_argument("time", metavar="TIME", help="such as 2027-01-31T12:00Z; UTC if unset")
        parser.add_argument(
            "--archive",
            metavar="FILE",
            type=Path,
            action="append",
            default=[],
            help="a file of archive_audit, to read its events too; can be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            at = datetime.fromisoformat(options["time"])
        except ValueError as error:
            raise CommandError("TIME needs a date and time, such as 2027-01-31T12:00Z.") from error
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        try:
            use = history.find_use(options["image"], at, options["archive"])
        except (history.NotCompleteError, OSError) as error:
            raise CommandError(str(error)) from error
        if not use.exists:
            raise CommandError(f"The audit trail knows no image {options['image']} at that time.")
        closed = history.find_closed([use.owner, *use.shares], at, options["archive"])
        self.stdout.write(f"{use.name} ({options['image']}) at {at.isoformat()}")
        if not use.owner:
            self.stdout.write("  public: every account")
            return
        self.stdout.write(f"  {use.owner}  owner{', closed' if use.owner in closed else ''}")
        for share in sorted(use.shares.values(), key=lambda share: share.account):
            facts = f"{share.account}, since {share.since}, by {share.by}"
            self.stdout.write(f"  {share.account_id}  {facts}")
