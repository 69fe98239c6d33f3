"""The activity of an account in pages: each filter reads no more of the trail than a page needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .models import (
    END,
    AuditEvent,
    AuditEventQuerySet,
    Place,
    Walk,
    read_newest,
    read_oldest,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The events that match the filters of an account.

    The walk finds those on a page. Without one, they are few enough to be sorted: what is about
    one resource, or has a text that only the event itself has.
    """

    events: AuditEventQuerySet
    walk: Walk | None

    def select_newest(self, limit: int) -> AuditEventQuerySet:
        """Return a queryset of the newest events, newest first, to export them."""
        if self.walk:
            return self.events.newest_for(self.walk, limit)
        return self.events.newest_of_few()[:limit]

    def read_newest(self, limit: int, *, before: Place = END) -> list[AuditEvent]:
        """Return the newest events before this place, newest first."""
        if self.walk:
            return read_newest(replace(self.walk, end=min(self.walk.end, before)), limit)
        at, pk = before
        older = self.events.filter(at__lte=at).exclude(at=at, pk__gte=pk)
        return list(older.newest_of_few()[:limit])

    def read_oldest(self, limit: int, *, after: Place) -> list[AuditEvent]:
        """Return the oldest events after this place, oldest first."""
        if self.walk:
            return read_oldest(replace(self.walk, start=max(self.walk.start, after)), limit)
        at, pk = after
        newer = self.events.filter(at__gte=at).exclude(at=at, pk__lte=pk)
        return list(newer.newest_of_few().reverse()[:limit])
