"""The table of who can use what, for many accounts: images as columns, accounts as rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from .picture import Recipient, SharedImage

# From this number of recipients on, lines between boxes are no longer readable.
MIN_RECIPIENTS = 8
# Maximum number of rows. The search finds the others.
MAX_ROWS = 100
MARK = "✓"


@dataclass(frozen=True, slots=True)
class Matrix:
    images: Sequence[SharedImage]
    # Each account, and for each image a mark if the account can use it, or ""
    rows: Sequence[tuple[Recipient, Sequence[str]]]
    # The number of accounts, with those that have no row
    count: int


def is_needed(images: Sequence[SharedImage]) -> bool:
    return len(find_accounts(images)) >= MIN_RECIPIENTS


def find_accounts(images: Sequence[SharedImage]) -> Collection[Recipient]:
    accounts = {account.account_id: account for image in images for account in image.accounts}
    return accounts.values()


def build_matrix(images: Sequence[SharedImage]) -> Matrix:
    """Return the matrix, the accounts with the most images first."""
    having = [{account.account_id for account in image.accounts} for image in images]
    cells = [
        (account, [MARK if account.account_id in ids else "" for ids in having])
        for account in find_accounts(images)
    ]
    rows = sorted(cells, key=lambda row: (-row[1].count(MARK), row[0].name))
    return Matrix(images, rows[:MAX_ROWS], len(rows))


def search(images: Sequence[SharedImage], text: str) -> list[SharedImage]:
    """Return the images with `text` in their name, else the images of the accounts that match.

    An account matches by a part of its name, or by the start of its ID.
    """
    text = text.lower()
    named = [image for image in images if text in image.name.lower()]
    found = named or [
        replace(image, accounts=[each for each in image.accounts if matches(each, text)])
        for image in images
    ]
    return [image for image in found if image.accounts]


def matches(account: Recipient, text: str) -> bool:
    return text in account.name.lower() or account.account_id.startswith(text)
