"""The activity of an account in pages: each filter reads no more of the trail than a page needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .models import END, AuditEventQuerySet, Place, Walk


@dataclass(frozen=True, slots=True)
class Listing:
    """The events that match the filters of an account.

    The walk finds those on a page. Without one, they are few enough to be sorted: what is about
    one resource, or has a text that only the event itself has.
    """

    events: AuditEventQuerySet
    walk: Walk | None

    def read_newest(self, limit: int, *, before: Place = END) -> AuditEventQuerySet:
        """Return the newest events before this place, newest first."""
        if self.walk:
            walk = replace(self.walk, end=min(self.walk.end, before))
            return self.events.newest_for(walk, limit)
        at, pk = before
        older = self.events.filter(at__lte=at).exclude(at=at, pk__gte=pk)
        return older.newest_of_few()[:limit]

    def read_oldest(self, limit: int, *, after: Place) -> AuditEventQuerySet:
        """Return the oldest events after this place, oldest first."""
        if self.walk:
            walk = replace(self.walk, start=max(self.walk.start, after))
            return self.events.oldest_for(walk, limit)
        at, pk = after
        newer = self.events.filter(at__gte=at).exclude(at=at, pk__lte=pk)
        return newer.newest_of_few().reverse()[:limit]
