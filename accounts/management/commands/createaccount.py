from __future__ import annotations

import getpass
import json
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, changes, invitations, keys, people
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.management.links import add_url_option, build_link
from accounts.models import AccessKey, Account, Role, User, new_account_id


class Command(BaseCommand):
    help = "Create an account, a person who signs in to it, and that person's first access key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="Baidu account (API: account)")
        parser.add_argument(
            "--account-id", metavar="HEX32", help="user ID (API: accountId; default: generated)"
        )
        parser.add_argument(
            "--uc-account", metavar="NAME", help="cloud account (API: ucAccount; default: uc-NAME)"
        )
        parser.add_argument(
            "--username", metavar="NAME", help="username of the person (default: NAME)"
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument(
            "--invite",
            action="store_true",
            help="print an invitation with which the person sets the password",
        )
        add_url_option(parser)
        parser.add_argument(
            "--json", action="store_true", help="print the result as one JSON object"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        account = Account(
            name=options["name"],
            account_id=options["account_id"] or new_account_id(),
            uc_account=options["uc_account"] or f"uc-{options['name']}",
        )
        username = options["username"] or account.name
        password = (
            None if options["invite"] else read_password(from_stdin=options["password_stdin"])
        )
        try:
            with transaction.atomic():
                user, key, secret = create(account, username, password)
                invitation = invitations.issue(person=user, by=SYSTEM) if options["invite"] else ""
        except ValidationError as error:
            raise CommandError("\n".join(get_messages(error))) from error
        except (ImproperlyConfigured, Refused) as error:
            raise CommandError(str(error)) from error
        if password is None and not options["invite"]:
            self.stderr.write(
                f"{user.username} has no password and can't sign in. "
                f"For an invitation to set one, run manage.py invite {user.username}."
            )
        facts = {
            "accountId": account.account_id,
            "account": account.name,
            "ucAccount": account.uc_account,
            "username": user.username,
            "accessKeyId": key.key_id,
            "secretAccessKey": secret,
        }
        if invitation:
            facts["invitation"] = build_link(invitation, options["url"])
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in facts.items()))


@transaction.atomic
def create(account: Account, username: str, password: str | None) -> tuple[User, AccessKey, str]:
    """Add the account, a person and a key. Return the person, the key and its secret.

    Raises ValidationError, and saves nothing then.
    """
    account.full_clean()
    account.save()
    audit.record(
        SYSTEM,
        audit.Verb.ADD,
        target=audit.build_account_target(account),
        changes=changes.added(account),
    )
    user = people.add(account=account, username=username, role=Role.ADMIN, by=SYSTEM)
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])
    key, secret = keys.create(user=user, description=_("Created with the account"), by=SYSTEM)
    return user, key, secret


def read_password(*, from_stdin: bool) -> str | None:
    """Read the password from standard input or the prompt. Return None without a terminal."""
    if from_stdin:
        return check_password(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        return None
    return getpass.getpass("Password: ")


def check_password(password: str) -> str:
    """Return the password. Raises CommandError if no browser could send it."""
    try:
        password.encode()
    except UnicodeEncodeError:
        raise CommandError("The password must be valid UTF-8.") from None
    if "\0" in password:
        raise CommandError("The password can't contain NUL characters.")
    return password


def get_messages(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if field == "__all__" else f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]
