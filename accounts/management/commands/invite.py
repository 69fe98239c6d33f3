from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import invitations
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.management.links import add_url_option, build_link
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Print an invitation with which a person sets a new password. It works once, within a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="username of the person")
        add_url_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            person = User.objects.select_related("account").get(username=options["name"])
            path = invitations.issue(person=person, by=SYSTEM)
        except User.DoesNotExist:
            raise CommandError(f"There is no person {options['name']}.") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(build_link(path, options["url"]))
