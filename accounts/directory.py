"""Finding an account by exactly what it is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import Exists, Q

from . import audit, limits
from .actors import Actor
from .models import IDENTIFIER_PATTERN, Account

# What cannot be an identifier is not even asked for.
IDENTIFIER = re.compile(IDENTIFIER_PATTERN)

Matches = dict[str, list[Account]]


def look_up(identifiers: Collection[str], *, by: Actor) -> Matches:
    """Map each identifier to the accounts that it names, in one query.

    An identifier is an account ID, a cloud account or a Baidu account; only the exact spelling
    matches. Two accounts match when one's cloud account is the other's Baidu account. Misses are
    limited per person, so that names cannot be guessed; over the limit nothing is found, or a hit
    would still tell. Raises limits.TooManyTries.
    """
    wanted = {text for text in identifiers if IDENTIFIER.match(text)}
    named = Account.objects.filter(
        Q(account_id__in=wanted) | Q(name__in=wanted) | Q(uc_account__in=wanted)
    )
    if not by.is_operator:
        allowance = settings.UNKNOWN_ACCOUNTS_PER_PERSON
        named = named.exclude(Exists(limits.exhausted(counted_under(by), allowance=allowance)))
    matches: Matches = {identifier: [] for identifier in identifiers}
    for account in named if wanted else ():
        for identifier in {account.account_id, account.name, account.uc_account} & wanted:
            matches[identifier].append(account)
    _count_misses(matches, by)
    return matches


def counted_under(by: Actor) -> str:
    return f"look-up:{by.person_key}"


def _count_misses(matches: Mapping[str, list[Account]], by: Actor) -> None:
    misses = sum(not accounts for accounts in matches.values())
    if not misses or by.is_operator:
        return
    try:
        limits.spend(
            counted_under(by),
            allowance=settings.UNKNOWN_ACCOUNTS_PER_PERSON,
            cost=misses,
        )
    except limits.TooManyTries as refusal:
        audit.record(by, audit.Verb.LOOK_UP, refusal=refusal)
        raise
