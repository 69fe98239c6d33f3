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

from accounts import audit, keys
from accounts.actors import SYSTEM
from accounts.models import AccessKey, Account, User, new_account_id


class Command(BaseCommand):
    help = "Make an account, the person who signs in for it, and the person's first access key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the cloud account")
        parser.add_argument("--account-id", metavar="HEX32", help="default: a new one")
        parser.add_argument("--uc-account", metavar="NAME", help="Baidu account; default: uc-NAME")
        parser.add_argument("--username", metavar="NAME", help="default: the cloud account")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        account = Account(
            name=options["name"],
            account_id=options["account_id"] or new_account_id(),
            uc_account=options["uc_account"] or f"uc-{options['name']}",
        )
        user = User(username=options["username"] or account.name)
        password = read_password(from_stdin=options["password_stdin"])
        try:
            key, secret = create(account, user, password)
        except ValidationError as error:
            raise CommandError("\n".join(sentences(error))) from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if password is None:
            self.stderr.write(f"{user.username} has no password yet and cannot sign in.")
        facts = {
            "accountId": account.account_id,
            "account": account.name,
            "ucAccount": account.uc_account,
            "username": user.username,
            "accessKeyId": key.key_id,
            "secretAccessKey": secret,
        }
        lines = [json.dumps(facts)] if options["json"] else [f"{k}: {facts[k]}" for k in facts]
        self.stdout.write("\n".join(lines))


@transaction.atomic
def create(account: Account, user: User, password: str | None) -> tuple[AccessKey, str]:
    """Save all or nothing, and give the key with its secret. Raises ValidationError."""
    account.full_clean()
    account.save()
    user.account = account
    user.full_clean(exclude=["password"])
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    user.save()
    audit.record(
        SYSTEM,
        audit.Verb.ADD,
        target=audit.Target(
            type="account", id=account.account_id, name=account.name, owner=account
        ),
        username=user.username,
    )
    return keys.issue(user=user, description=_("Made with the account"), by=SYSTEM)


def read_password(*, from_stdin: bool) -> str | None:
    """One line of standard input, or what is typed at the prompt, or None without a terminal."""
    if from_stdin:
        return checked(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        return None
    return getpass.getpass("Password: ")


def checked(password: str) -> str:
    """Refuse what no browser could send."""
    try:
        password.encode()
    except UnicodeEncodeError:
        raise CommandError("The password is not UTF-8.") from None
    if "\0" in password:
        raise CommandError("The password contains NUL.")
    return password


def sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if field == "__all__" else f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]
