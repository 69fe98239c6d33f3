"""What was done in an account and to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice
from typing import IO, NamedTuple

from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import exports
from accounts.activity import Entry, entries, naming
from accounts.actors import Actor
from accounts.http import ConsoleRequest
from accounts.models import Account, AuditEvent, AuditEventQuerySet
from images import restoring, rules
from images.forms import ActivityFilter
from images.models import Image, Instance

PAGE_SIZE = 20
# The newest ones of a busy account, in one file
EXPORTED = 20_000
CHUNK = 1000

AN_ID = re.compile(r"[mi]-[A-Za-z0-9]{8}")
# A place in the list: the time and the key of the event that it is next to
PLACE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z_(\d{1,18})")


@require_safe
def activity(request: ConsoleRequest) -> HttpResponse:
    form = ActivityFilter(request.GET)
    page = page_of(found(request, form), request.GET)
    read = entries(page.events, to=request.account)
    context = {
        "form": form,
        "is_filtered": form.has_changed(),
        "page": page,
        "entries": linked(read, request.actor, request.account),
        "exported": EXPORTED,
    }
    template = "images/activity.html" + ("#activity" if request.htmx else "")
    return render(request, template, context)


class Format(NamedTuple):
    content_type: str
    write: Callable[[Iterable[Entry]], IO[bytes]]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", exports.as_csv),
    "jsonl": Format("application/jsonl; charset=utf-8", exports.as_json_lines),
}


@require_safe
def export(request: ConsoleRequest, kind: str) -> HttpResponse | FileResponse:
    """The newest of what the filters show, as a file that is whole before it is sent.

    A file does not show what was not understood: the page does, and nothing is exported.
    """
    content_type, write = FORMATS[kind]
    form = ActivityFilter(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('activity:list')}?{request.GET.urlencode()}")
    events = found(request, form)
    read = (each for chunk in in_chunks(events) for each in entries(chunk, to=request.account))
    return FileResponse(
        write(read), as_attachment=True, filename=f"activity.{kind}", content_type=content_type
    )


def in_chunks(events: AuditEventQuerySet) -> Iterator[list[AuditEvent]]:
    """Never all of them at once: which ones are asked first, and they do not change."""
    keys = iter(events.values_list("pk", flat=True)[:EXPORTED])
    while chunk := list(islice(keys, CHUNK)):
        yield list(AuditEvent.objects.filter(pk__in=chunk))


def found(request: ConsoleRequest, form: ActivityFilter) -> AuditEventQuerySet:
    """What concerns the person's account, and what of it the form asks for."""
    form.is_valid()
    wanted = form.cleaned_data
    events = AuditEvent.objects.concerning(request.account)
    if wanted.get("image"):
        events = about(events, wanted["image"])
    if wanted.get("verb"):
        events = events.filter(verb=wanted["verb"])
    if wanted.get("result"):
        events = events.filter(outcome=wanted["result"])
    if wanted.get("since"):
        events = events.filter(at__gte=datetime.combine(wanted["since"], time.min, UTC))
    if wanted.get("until"):
        events = events.filter(at__lte=datetime.combine(wanted["until"], time.max, UTC))
    if wanted.get("account"):
        events = naming(events, wanted["account"], to=request.account)
    return events


def about(events: AuditEventQuerySet, text: str) -> AuditEventQuerySet:
    """Those about what has this ID, or `text` in its name."""
    if AN_ID.fullmatch(text):
        return events.filter(target_id=text)
    return events.filter(target_name__icontains=text)


# Pages: there is always more, so a page begins beside an event and nothing is counted.


@dataclass(frozen=True, slots=True)
class Page:
    events: Sequence[AuditEvent]
    has_newer: bool
    has_older: bool

    @property
    def newer(self) -> str | None:
        return place(self.events[0]) if self.has_newer and self.events else None

    @property
    def older(self) -> str | None:
        return place(self.events[-1]) if self.has_older else None


def page_of(events: AuditEventQuerySet, query: QueryDict) -> Page:
    """The page before or after a place, or the newest one."""
    if after := parsed(query.get("after", "")):
        at, pk = after
        newer = events.filter(at__gte=at).exclude(at=at, pk__lte=pk).order_by("at", "pk")
        rows = list(newer[: PAGE_SIZE + 1])
        if len(rows) > PAGE_SIZE:
            return Page(rows[PAGE_SIZE - 1 :: -1], has_newer=True, has_older=True)
    if before := parsed(query.get("before", "")):
        at, pk = before
        events = events.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    rows = list(events[: PAGE_SIZE + 1])
    return Page(rows[:PAGE_SIZE], has_newer=bool(before), has_older=len(rows) > PAGE_SIZE)


def place(event: AuditEvent) -> str:
    at = event.at.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat(timespec='microseconds')}Z_{event.pk}"


def parsed(text: str) -> tuple[datetime, int] | None:
    match = PLACE.fullmatch(text)
    try:
        return (datetime.fromisoformat(f"{match[1]}Z"), int(match[2])) if match else None
    except ValueError:  # the 31st of February
        return None


# What leads on from an entry


def linked(read: Sequence[Entry], by: Actor, account: Account) -> list[Entry]:
    """The entries with the ways on: to what they are about, and to undo them, where one can."""
    images = Image.objects.visible_to(account).filter(image_id__in=ids_of(read, "image"))
    own = Instance.objects.owned_by(account).filter(instance_id__in=ids_of(read, "instance"))
    pages = {image.image_id: image.get_absolute_url() for image in images}
    pages |= {instance.instance_id: instance.get_absolute_url() for instance in own}
    shareable = {each.image_id for each in images if not rules.against_sharing(each, by)}
    opened = [replace(entry, url=pages.get(entry.target_id, "")) for entry in read]
    undoable = [entry for entry in opened if entry.target_id in shareable]
    return with_undo(opened, restoring.restorable(undoable))


def ids_of(read: Iterable[Entry], kind: str) -> set[str]:
    return {entry.target_id for entry in read if entry.target_type == kind}


def with_undo(read: Iterable[Entry], restorable: Collection[int]) -> list[Entry]:
    """The entries with the way to undo those that are `restorable`."""
    return [replace(e, undo=undo_of(e)) if e.pk in restorable else e for e in read]


def undo_of(entry: Entry) -> str:
    return reverse("images:restore", args=[entry.region, entry.target_id, entry.pk])
