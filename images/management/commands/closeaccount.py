from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import directory
from accounts.actors import SYSTEM
from accounts.exceptions import Refused
from accounts.models import Account
from images import closing, holdings
from images.closing import Choice

CHOICES = {"keep": Choice.KEEP, "release": Choice.RELEASE}


class Command(BaseCommand):
    help = (
        "Close an account: end its shares, disable its access keys, and end the sessions of its "
        "people. Prints what goes, and asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        identifiers = "account ID, Baidu account or cloud account"
        parser.add_argument("name", metavar="NAME", help=identifiers)
        parser.add_argument(
            "--images",
            required=True,
            metavar="keep|release|to:OTHER",
            help="keep its images and instances, delete and release them, or hand them over",
        )
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        account = find_account(options["name"])
        choice, to = parse_choice(options["images"])
        if account.is_closed:
            self.stdout.write(f"The account {account.name} is closed already. Nothing was done.")
            return
        held = holdings.find(account)
        self.stdout.write("\n".join(preview(held, choice, to)))
        if not options["yes"]:
            confirm(held)
        try:
            event = closing.close(
                account=account, images=choice, to=to, shown=held.digest, by=SYSTEM
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"The account {account.name} was closed. Request ID of its report: {event.request_id}"
        )


def find_account(text: str) -> Account:
    accounts = directory.look_up([text], by=SYSTEM)[text]
    if not accounts:
        raise CommandError(f"Account not found: {text}")
    if len(accounts) > 1:
        raise CommandError(f"{text} matches two accounts. Use the account ID.")
    return accounts[0]


def parse_choice(text: str) -> tuple[Choice, Account | None]:
    if text in CHOICES:
        return CHOICES[text], None
    word, colon, name = text.partition(":")
    if word != "to" or not colon:
        raise CommandError("--images must be keep, release or to:OTHER.")
    return Choice.HAND_OVER, find_account(name)


def preview(held: holdings.Holdings, choice: Choice, to: Account | None) -> list[str]:
    """Return a line for each kind of thing that goes, with names."""
    given = [f"{grant.image.name} -> {grant.recipient.name}" for grant in held.given]
    received = [grant.image.name for grant in held.received]
    fates = {
        Choice.KEEP: "kept",
        Choice.RELEASE: "deleted or released",
        Choice.HAND_OVER: f"handed over to {to}",
    }
    groups = [
        ("Shares given that end", given),
        ("Shares received that end", received),
        ("People who can't sign in anymore", [person.username for person in held.people]),
        ("Access keys that are disabled", [key.key_id for key in held.active_keys]),
        (f"Images that are {fates[choice]}", [image.name for image in held.images]),
        (f"Instances that are {fates[choice]}", [each.name for each in held.instances]),
    ]
    if choice is Choice.RELEASE:
        refused = closing.find_unreleasable(held, SYSTEM)
        groups.append(("Can't be released now", [f"{row.name}: {why}" for row, why in refused]))
    return [f"{title}: {len(names)}  {', '.join(names)}".rstrip() for title, names in groups]


def confirm(held: holdings.Holdings) -> None:
    """Ask for the number of what is concerned if it is large, otherwise for yes."""
    answer = str(held.size) if held.size >= holdings.MANY else "yes"
    prompt = f"Type {answer} to close {held.account.name}: "
    try:
        typed = input(prompt)
    except EOFError:
        typed = ""
    if typed.strip() != answer:
        raise CommandError("Nothing was closed.")
