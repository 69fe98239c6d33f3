"""The activity of an account: what was done in it and to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import exports, standby
from accounts.activity import Activity, filter_by_account, read_events
from accounts.actors import Actor
from accounts.http import ConsoleRequest
from accounts.kept import Kept, Parameter
from accounts.listing import Listing
from accounts.models import (
    END,
    MAX_ID,
    MIN_ID,
    SIGN_INS,
    START,
    Account,
    AccountEvent,
    AuditEvent,
    AuditEventQuerySet,
    Place,
    Walk,
)
from images import restoring, rules
from images.forms import ActivityFilter
from images.models import Image, ImageQuerySet, Instance, InstanceQuerySet

from .regions import get_region

PAGE_SIZE = 20
# Maximum number of events in one export, newest first
MAX_EXPORTED = 20_000

# How an event with a result concerns an account
DONE = [AccountEvent.Kind.DONE, AccountEvent.Kind.RECEIVED]
REFUSED = [AccountEvent.Kind.REFUSED, AccountEvent.Kind.FOREIGN]
KINDS = {"": [*DONE, *REFUSED], "done": DONE, "refused": REFUSED}
RESOURCE_ID = re.compile(r"[mi]-[A-Za-z0-9]{8}")
# A position in the list: the time and the primary key of the event next to it
CURSOR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z_(\d{1,18})")


@require_safe
@standby.lists
def activity(request: ConsoleRequest, region: str) -> HttpResponse:
    """Show the activity in all regions. The region of the path is that of the frame."""
    form = ActivityFilter(request.GET)
    page = get_page(filter_events(request, form), request.GET)
    activities = read_events(page.events, reader=request.account)
    context = {
        "region": get_region(request, region),
        "form": form,
        "is_filtered": form.has_changed(),
        "page": page,
        "activities": add_links(activities, request.actor, request.account),
        "export_limit": MAX_EXPORTED,
    }
    return render(request, f"images/activity.html{get_partial(request)}", context)


def get_partial(request: ConsoleRequest) -> str:
    """Return the part that htmx asks for: the list, or all that the filters replace."""
    if not request.htmx or request.htmx.history_restore_request:
        return ""
    return "#record" if request.htmx.target == "record" else "#activity"


@require_safe
def export(request: ConsoleRequest, region: str, kind: str) -> HttpResponse | FileResponse:
    """Return the newest events that match the filters as a file.

    Redirect to the page if a filter is invalid: the page shows the error, a file can't.
    """
    get_region(request, region)
    form = ActivityFilter(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('activity:list', args=[region])}?{request.GET.urlencode()}")
    events = filter_events(request, form).select_newest(MAX_EXPORTED)
    by = request.actor
    response = exports.export(events, kind, reader=request.account, limit=MAX_EXPORTED, by=by)
    exports.record(by, kind, request.GET)
    return response


def filter_events(request: ConsoleRequest, form: ActivityFilter) -> Listing:
    """Return the events that concern the account and match the form."""
    form.is_valid()
    data = form.cleaned_data
    events = AuditEvent.objects.concerning(request.account)
    if data.get("image"):
        events = filter_by_target(events, data["image"])
    if data.get("verb"):
        events = events.filter(verb=data["verb"])
    if data.get("result"):
        events = events.filter(outcome=data["result"])
    if form.begin:
        events = events.filter(at__gte=form.begin)
    if form.end:
        events = events.filter(at__lte=form.end)
    if not form.shows_sign_ins:
        events = events.without_sign_ins()
    if data.get("account"):
        events = filter_by_account(events, data["account"], reader=request.account)
    are_few = data.get("image") or data.get("account")
    if are_few and not RESOURCE_ID.fullmatch(data.get("image") or ""):
        events = events.found_by_account(request.account)
    return Listing(events, None if are_few else build_walk(request.account, form))


def build_walk(account: Account, form: ActivityFilter) -> Walk:
    """Return the walk to the events that match the form, unless it asks for a text."""
    data = form.cleaned_data
    return Walk(
        account=account,
        kinds=KINDS[data.get("result", "")],
        verb=data.get("verb") or "%",
        hidden="" if form.shows_sign_ins else SIGN_INS,
        start=(form.begin, MIN_ID) if form.begin else START,
        end=(form.end, MAX_ID) if form.end else END,
    )


def filter_by_target(events: AuditEventQuerySet, text: str) -> AuditEventQuerySet:
    """Return the events about the resource with this ID, or with `text` in its name.

    The names of one account's events are compared: the index of names has those of all accounts.
    """
    if RESOURCE_ID.fullmatch(text):
        return events.filter(target_id=text)
    return events.alias(name=Coalesce("target_name", Value(""))).filter(name__icontains=text)


# Pagination: a page starts next to an event, and nothing is counted, because the list is long.


@dataclass(frozen=True, slots=True)
class EventPage:
    events: Sequence[AuditEvent]
    has_newer: bool
    has_older: bool

    @property
    def newer(self) -> str | None:
        return encode_cursor(self.events[0]) if self.has_newer and self.events else None

    @property
    def older(self) -> str | None:
        return encode_cursor(self.events[-1]) if self.has_older else None


def get_page(listing: Listing, query: QueryDict) -> EventPage:
    """Return the page before or after a cursor, or the newest page."""
    if after := decode_cursor(query.get("after", "")):
        rows = listing.read_oldest(PAGE_SIZE + 1, after=after)
        if len(rows) > PAGE_SIZE:
            return EventPage(rows[PAGE_SIZE - 1 :: -1], has_newer=True, has_older=True)
    before = decode_cursor(query.get("before", ""))
    rows = listing.read_newest(PAGE_SIZE + 1, before=before or END)
    return EventPage(rows[:PAGE_SIZE], has_newer=bool(before), has_older=len(rows) > PAGE_SIZE)


def encode_cursor(event: AuditEvent) -> str:
    at = event.at.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat(timespec='microseconds')}Z_{event.pk}"


def decode_cursor(text: str) -> Place | None:
    match = CURSOR.fullmatch(text)
    try:
        return (datetime.fromisoformat(f"{match[1]}Z"), int(match[2])) if match else None
    except ValueError:  # no such date, like February 31
        return None


# Links of an activity


def add_links(activities: Sequence[Activity], by: Actor, account: Account) -> list[Activity]:
    """Return the activities with links to their targets, and to undo them where possible."""
    image_ids, instance_ids = get_ids(activities, "image"), get_ids(activities, "instance")
    images = find_images(account=account.pk, ids=image_ids) if image_ids else []
    own = find_instances(owner=account.pk, ids=instance_ids) if instance_ids else []
    urls = {image.image_id: image.get_absolute_url() for image in images}
    urls |= {instance.instance_id: instance.get_absolute_url() for instance in own}
    shareable = {image.image_id for image in images if not rules.against_sharing(image, by)}
    with_urls = [replace(each, url=urls.get(each.target_id, "")) for each in activities]
    on_shareable = [each for each in with_urls if each.target_id in shareable]
    return add_undo(with_urls, restoring.find_restorable(on_shareable))


def get_ids(activities: Iterable[Activity], target_type: str) -> list[str]:
    return [each.target_id for each in activities if each.target_type == target_type]


@Kept
def find_images(account: Parameter, ids: Parameter) -> ImageQuerySet:
    return Image.objects.visible_to(account).filter(image_id__any=ids).order_by()


@Kept
def find_instances(owner: Parameter, ids: Parameter) -> InstanceQuerySet:
    return Instance.objects.live().filter(owner=owner, instance_id__any=ids).order_by()


def add_undo(activities: Iterable[Activity], restorable: Collection[int]) -> list[Activity]:
    """Return the activities, those in `restorable` (by primary key) with a link to undo them."""
    return [replace(e, undo_url=get_undo_url(e)) if e.pk in restorable else e for e in activities]


def get_undo_url(activity: Activity) -> str:
    return reverse("images:restore", args=[activity.region, activity.target_id, activity.pk])
