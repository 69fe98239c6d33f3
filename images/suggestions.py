"""Suggest accounts for texts that match none. A suggestion is never shared with by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Q
from django.db.models.functions import Lower
from rapidfuzz import process
from rapidfuzz.distance import OSA

from accounts.actors import Actor
from accounts.directory import IDENTIFIER
from accounts.models import Account

# Shorter texts differ by one letter from too many names.
MIN_LENGTH = 3


def find_similar(texts: Iterable[str], *, by: Actor) -> dict[str, list[Account]]:
    """Map unknown texts to the accounts that they probably mean, in two queries.

    These differ only in case. Otherwise they differ by one letter, and the actor's account already
    shares with them: others can't be guessed like that.
    """
    lowered = {text: text.lower() for text in texts if IDENTIFIER.match(text)}
    if not lowered:
        return {}
    by_spelling = index_spellings(find_ignoring_case(set(lowered.values())))
    recipients = index_spellings(find_recipients(by))
    spellings = list(recipients)
    return {
        text: by_spelling.get(low) or list(find_near(low, spellings, recipients))
        for text, low in lowered.items()
    }


def find_ignoring_case(lowered: Collection[str]) -> Iterable[Account]:
    accounts = Account.objects.filter(closed_at=None).annotate(
        low_name=Lower("name"), low_uc=Lower("uc_account")
    )
    return accounts.filter(
        Q(low_name__in=lowered) | Q(low_uc__in=lowered) | Q(account_id__in=lowered)
    )


def find_recipients(by: Actor) -> Iterable[Account]:
    """Return the accounts that the actor's account shares any image with."""
    return Account.objects.filter(received_grants__owner=by.account).distinct()


def index_spellings(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    """Map each identifier, in lower case, to its accounts."""
    index: dict[str, list[Account]] = {}
    for account in accounts:
        for spelling in {account.account_id, account.name.lower(), account.uc_account.lower()}:
            index.setdefault(spelling, []).append(account)
    return index


def find_near(
    text: str, spellings: list[str], index: dict[str, list[Account]]
) -> Iterator[Account]:
    """Yield the accounts with a spelling from which one letter is missing, added or wrong."""
    if len(text) < MIN_LENGTH:
        return
    near = process.extract(text, spellings, scorer=OSA.distance, score_cutoff=1, limit=None)
    yield from dict.fromkeys(account for spelling, *_rest in near for account in index[spelling])
