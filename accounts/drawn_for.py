"""The account and the person that a page was drawn for. Its forms and requests carry both.

In the same browser somebody else may have signed in since, or the person may have been moved to
another account. Nothing may be done then for an account that the page doesn't show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from django.core.exceptions import SuspiciousOperation

from .http import ConsoleRequest
from .models import Account

FIELD = "drawn_for"
# Sent by htmx (page.html), URL-encoded, because headers can't contain Chinese names
HEADER = "X-Drawn-For"
# No free text, because a page shows it
FORMAT = re.compile(r"([0-9a-f]{32}) ([\w.@+-]{1,64}) ([\w.@+-]{1,150})")


@dataclass(frozen=True, slots=True)
class DrawnFor:
    account_id: str
    account: str
    person: str

    def __str__(self) -> str:
        return f"{self.account_id} {self.account} {self.person}"

    def is_same(self, other: DrawnFor) -> bool:
        """Return True if account and person are the same. Accounts can be renamed."""
        return (self.account_id, self.person) == (other.account_id, other.person)


def describe(request: ConsoleRequest) -> DrawnFor | None:
    """Return the account and person of a page drawn now. None for people without an account."""
    account: Account | None = getattr(request, "account", None)
    if account is None:
        return None
    return DrawnFor(account.account_id, account.name, request.user.username)


def find_other(request: ConsoleRequest) -> DrawnFor | None:
    """Return whom the request was drawn for, if it is not this person in their account now.

    Raises SuspiciousOperation. Requests that don't say it are taken as they are.
    """
    sent = [request.POST.get(FIELD, ""), unquote(request.headers.get(HEADER, ""))]
    now = describe(request)
    others = (parse(text) for text in sent if text)
    return next((other for other in others if now and not other.is_same(now)), None)


def parse(text: str) -> DrawnFor:
    match = FORMAT.fullmatch(text)
    if match is None:
        raise SuspiciousOperation(f"Malformed {FIELD}")
    return DrawnFor(*match.groups())
