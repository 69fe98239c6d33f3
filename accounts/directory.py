"""Look up accounts by their exact identifiers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import Exists, Q

from . import audit, limits
from .actors import Actor
from .models import IDENTIFIER_PATTERN, Account

# Text that can't be an identifier is not looked up.
IDENTIFIER = re.compile(IDENTIFIER_PATTERN)

Matches = dict[str, list[Account]]


def look_up(identifiers: Collection[str], *, by: Actor) -> Matches:
    """Map each identifier to the accounts that match it, in one query.

    An identifier is an account ID, a cloud account or a Baidu account. Only the exact spelling
    matches. Two accounts match if one's cloud account is the other's Baidu account. Different
    misses are limited per person, so that names can't be guessed. Over the limit nothing matches,
    because a match would confirm a guess. Raises limits.TooManyTries.
    """
    valid = {text for text in identifiers if IDENTIFIER.match(text)}
    accounts = Account.objects.filter(
        Q(account_id__in=valid) | Q(name__in=valid) | Q(uc_account__in=valid)
    )
    if not by.is_operator:
        allowance = settings.UNKNOWN_ACCOUNTS_PER_PERSON
        exhausted = limits.get_exhausted(get_limit_key(by), allowance=allowance)
        accounts = accounts.exclude(Exists(exhausted))
    matches: Matches = {identifier: [] for identifier in identifiers}
    for account in accounts if valid else ():
        for identifier in {account.account_id, account.name, account.uc_account} & valid:
            matches[identifier].append(account)
    _count_misses(matches, by)
    return matches


def get_limit_key(by: Actor) -> str:
    """Return the key of a person's allowance, which the console and all access keys share."""
    return f"look-up:{by.name}"


def _count_misses(matches: Mapping[str, list[Account]], by: Actor) -> None:
    misses = [text for text, accounts in matches.items() if not accounts]
    if not misses or by.is_operator:
        return
    try:
        limits.spend_on(misses, get_limit_key(by), allowance=settings.UNKNOWN_ACCOUNTS_PER_PERSON)
    except limits.TooManyTries as refusal:
        audit.record(by, audit.Verb.LOOK_UP, refusal=refusal)
        raise
