"""Budgets of requests for each address, person and account, counted in each web process.

They need no database, so each process has its own count, which ends with it. What must be counted
exactly, such as guesses, is counted in the database (accounts/limits.py).
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actors import get_client_network
from accounts.exceptions import Refused
from accounts.models import User

# Keys that are remembered. The one that was not used for the longest time is forgotten first.
MAX_KEYS = 20_000
SAFE = {"GET", "HEAD", "OPTIONS"}


class TooManyRequests(Refused):
    code = "too-many-requests"
    sentence = _("Too many requests. Try again in a few seconds.")

    def __init__(self, *, seconds: int) -> None:
        super().__init__()
        self.retry_after = seconds


class Budget:
    """A number of requests for each key, which is filled up evenly over `seconds`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str, *, allowance: tuple[int, int]) -> None:
        """Take one from what is left. Raises TooManyRequests."""
        number, seconds = allowance
        now = time.monotonic()
        with self.lock:
            left, at = self.left.get(key, (number, now))
            left = min(number, left + max(now - at, 0) * number / seconds)
            self.left[key] = (left - 1 if left >= 1 else left, now)
            self.left.move_to_end(key)
            if len(self.left) > MAX_KEYS:
                self.left.popitem(last=False)
        if left < 1:
            raise TooManyRequests(seconds=math.ceil((1 - left) * seconds / number))


budget = Budget()


def spend_of_address(request: HttpRequest) -> None:
    """Count a request of this address. Raises TooManyRequests."""
    allowance = settings.REQUESTS_PER_ADDRESS
    budget.spend(f"address:{get_client_network(request)}", allowance=allowance)


def spend_of_person(user: User, *, method: str | None) -> None:
    """Count a request of this person, by pages or by any access key. Raises TooManyRequests.

    What may change something is also counted for the account, because it adds rows.
    """
    budget.spend(f"person:{user.pk}", allowance=settings.REQUESTS_PER_PERSON)
    if method not in SAFE and user.account_id:
        budget.spend(f"account:{user.account_id}", allowance=settings.CHANGES_PER_ACCOUNT)
