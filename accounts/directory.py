"""Look up accounts by their exact identifiers."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.conf import settings
from django.db.models import Q, QuerySet

from . import audit, limits
from .actors import Actor
from .kept import Kept, Parameter
from .models import IDENTIFIER_PATTERN, Account

# Text that can't be an identifier is not looked up.
IDENTIFIER = re.compile(IDENTIFIER_PATTERN)

Matches = dict[str, list[Account]]


@Kept
def find_accounts(
    texts: Parameter, keys: Parameter, since: Parameter, numbers: Parameter
) -> QuerySet[Account]:
    """Return the accounts with one of these identifiers: none if an allowance is used up."""
    accounts = Account.objects.filter(
        Q(account_id__any=texts) | Q(name__any=texts) | Q(uc_account__any=texts)
    )
    return accounts.exclude(limits.is_exhausted(keys, since, numbers))


def look_up(identifiers: Collection[str], *, by: Actor) -> Matches:
    """Map each identifier to the accounts that match it, in one query.

    An identifier is an account ID, a cloud account or a Baidu account. Only the exact spelling
    matches. Two accounts match if one's cloud account is the other's Baidu account. Different
    misses are limited per person and per account, so that names can't be guessed. Over a limit
    nothing matches, because a match would confirm a guess. Raises limits.TooManyTries.
    """
    valid = {text for text in identifiers if IDENTIFIER.match(text)}
    allowances = {} if by.is_operator else get_allowances(by)
    matches: Matches = {identifier: [] for identifier in identifiers}
    counted = limits.describe(allowances)
    for account in find_accounts(texts=list(valid), **counted) if valid else ():
        for identifier in {account.account_id, account.name, account.uc_account} & valid:
            matches[identifier].append(account)
    _count_misses([text for text in valid if not matches[text]], by)
    return matches


def get_allowances(by: Actor) -> dict[str, tuple[int, int]]:
    """Return the allowances that a miss counts against, by key: the person's and the account's.

    The person's is the same in all sessions and for all access keys, also deleted ones.
    """
    allowances = {f"look-up:{by.name}": settings.UNKNOWN_ACCOUNTS_PER_PERSON}
    if by.account:
        key = f"look-up-of-account:{by.account.account_id}"
        allowances[key] = settings.UNKNOWN_ACCOUNTS_PER_ACCOUNT
    return allowances


def _count_misses(misses: Collection[str], by: Actor) -> None:
    """Count texts that could have been an account. Others, such as notes, tell nothing."""
    if not misses or by.is_operator:
        return
    try:
        for key, allowance in get_allowances(by).items():
            limits.spend_on(misses, key, allowance=allowance)
    except limits.TooManyTries as refusal:
        audit.record(by, audit.Verb.LOOK_UP, refusal=refusal)
        raise
