from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import audit, changes, invitations, people
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.management.links import add_url_option, build_link
from accounts.models import Role, new_request_id


class Command(BaseCommand):
    help = (
        "Create an operator, and print the invitation with which the operator sets a password. "
        "It works once, within a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="username of the operator")
        add_url_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            path = create(options["name"])
        except ValidationError as error:
            raise CommandError(
                f"{' '.join(error.messages)} For an invitation of a person who exists, "
                f"use manage.py invite."
            ) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(build_link(path, options["url"]))


@transaction.atomic
def create(username: str) -> str:
    """Return the path of the invitation of a new operator.

    The operator has every permission: the first one must be able to give some to others.
    """
    by = replace(SYSTEM, request_id=new_request_id())
    person = people.add(account=None, username=username, role=Role.ADMIN, by=by, is_staff=True)
    person.is_superuser = True
    person.save(update_fields=["is_superuser"])
    changed = changes.compare({"is_superuser": False}, {"is_superuser": True})
    audit.record(by, audit.Verb.CHANGE, target=people.build_target(person), changes=changed)
    return invitations.issue(person=person, by=by)
