from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import standby
from accounts.activity import read_events
from accounts.http import ConsoleRequest, HttpResponseSeeOther, render_dialog
from accounts.models import AccountEvent, User, Walk, read_newest
from accounts.once import repeatable
from images.forms import MarkReadForm
from images.models import Instance

from .activity import add_links
from .regions import get_region, get_regions

LATEST = 50


@require_safe
@standby.lists
def inbox(request: ConsoleRequest, region: str) -> HttpResponse:
    """Show what was shared with the account and unshared from it, new entries first."""
    account = request.account
    # Nothing is new to an operator who views the account: what is new depends on the person.
    seen_at = timezone.now() if request.is_viewing else request.user.inbox_seen_at
    walk = Walk(account=account, kinds=[AccountEvent.Kind.RECEIVED])
    events = read_newest(walk, LATEST + 1)
    activities = add_links(read_events(events[:LATEST], reader=account), request.actor, account)
    lost_ids = {activity.target_id for activity in activities if not activity.url}
    counts = Instance.objects.owned_by(account).count_by_image(lost_ids)
    names = {region.code: region.name for region in get_regions(request)}
    rows = [
        (
            activity,
            names.get(activity.region, activity.region),
            counts.get(activity.target_id, 0),
        )
        for activity in activities
    ]
    context = {
        "region": get_region(request, region),
        "news": [row for row in rows if row[0].at > seen_at],
        "earlier": [row for row in rows if row[0].at <= seen_at],
        "has_more": len(events) > LATEST,
        "limit": LATEST,
    }
    return render_dialog(request, "images/inbox.html", context)


@repeatable
@require_POST
def mark_read(request: ConsoleRequest, region: str) -> HttpResponse:
    """Store up to when this person has read the inbox. Later entries stay new."""
    get_region(request, region)
    form = MarkReadForm(request.POST)
    if form.is_valid():
        until = min(form.cleaned_data["until"], timezone.now())
        users = User.objects.filter(pk=request.user.pk, inbox_seen_at__lt=until)
        users.update(inbox_seen_at=until)
        request.user.inbox_seen_at = max(until, request.user.inbox_seen_at)
    if not request.htmx:
        return HttpResponseSeeOther(reverse("inbox:list", args=[region]))
    return render(request, "components/inbox_link.html")
