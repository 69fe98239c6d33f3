"""Compare the audit trail with its seals: find what was changed, removed or inserted."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .archiving import find_archives
from .models import AuditEvent, Seal
from .sealing import (
    Event,
    compute_digest,
    get_public_keys,
    is_signed,
    read_events,
    read_seals,
    split_prints,
)


@dataclass
class Verification:
    """What `verify` has compared. It is complete when all problems have been read."""

    seals: int = 0
    events: int = 0
    # Events that were archived, and whose archive was not given
    archived: int = 0
    # Events after the last seal
    unsealed: int = 0

    def verify(self, *, heads: Sequence[Seal] = (), archive: Iterable[Event] = ()) -> Iterator[str]:
        """Yield a sentence for each problem, by the order of the events.

        `heads` are seals that were stored elsewhere, `archive` are archived events by ID.
        """
        keys = get_public_keys()
        archives = [(facts["first"], facts["last"], facts["events"]) for facts in find_archives()]
        stored = {head.number: head for head in heads}
        for head in heads:
            if not is_signed(head, keys):
                yield f"The stored head of seal {head.number} isn't signed with a known key."
        newest = Seal.objects.order_by("last").last()
        last = newest.last if newest else 0
        events = EventReader(heapq.merge(read_events(until=last), archive))
        before: Seal | None = None
        for seal in read_seals(until=newest.number if newest else 0):
            yield from check_chain(before, seal)
            if not is_signed(seal, keys):
                yield f"Seal {seal.number} isn't signed with a known key."
            head = stored.pop(seal.number, seal)
            if bytes(head.digest) != bytes(seal.digest):
                yield f"Seal {seal.number} isn't the one of the stored head."
            yield from self.compare(seal, events.read_until(seal.last), archives)
            self.seals += 1
            before = seal
        for number in sorted(stored):
            yield f"Seal {number} of a stored head is missing, with the events after {last}."
        self.unsealed = AuditEvent.objects.filter(pk__gt=last).count()
        surplus = self.archived - sum(count for _first, _last, count in archives)
        if surplus > 0:
            yield f"{surplus} events are missing besides the archived ones."

    def compare(
        self, seal: Seal, events: Iterable[Event], archives: Sequence[tuple[int, int, int]]
    ) -> Iterator[str]:
        """Compare the events of a seal with its fingerprints."""
        expected = split_prints(seal)
        found: list[tuple[int, str]] = []
        for event in events:
            self.events += 1
            fingerprint = expected.pop(event.id, None)
            if fingerprint is None:
                found.append((event.id, "was inserted after it was sealed"))
            elif fingerprint != event.print:
                found.append((event.id, "was changed after it was sealed"))
        for pk in expected:
            if any(first <= pk <= last for first, last, _count in archives):
                self.archived += 1
            else:
                found.append((pk, "is missing"))
        for pk, what in sorted(found):
            yield f"Event {pk} {what} (seal {seal.number}, {seal.at:%Y-%m-%d %H:%M:%S} UTC)."


class EventReader:
    """A stream of events, read in parts."""

    def __init__(self, events: Iterator[Event]) -> None:
        self.events = events
        self.waiting: Event | None = None

    def read_until(self, last: int) -> Iterator[Event]:
        while event := self.waiting or next(self.events, None):
            self.waiting = event
            if event.id > last:
                return
            self.waiting = None
            yield event


def check_chain(before: Seal | None, seal: Seal) -> Iterator[str]:
    """Yield what is wrong with a seal and the one before it."""
    number, first = (before.number + 1, before.last + 1) if before else (1, 1)
    if seal.number != number:
        yield f"Seal {number} is missing."
    elif seal.first != first or compute_digest(before, seal) != bytes(seal.digest):
        yield f"Seal {seal.number} was changed."
