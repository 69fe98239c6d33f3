from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.activity import entries
from accounts.http import ConsoleRequest, SeeOther, dialog
from accounts.models import AuditEvent, User
from images.forms import SeenForm
from images.models import Instance
from images.regions import regions_of

from .activity import linked

LATEST = 50


@require_safe
def inbox(request: ConsoleRequest) -> HttpResponse:
    """What was shared with the account and taken back: the news since the last look, and before."""
    account, seen_at = request.account, request.user.inbox_seen_at
    received = list(AuditEvent.objects.received_by(account).newest_of_few()[: LATEST + 1])
    read = linked(entries(received[:LATEST], to=account), request.actor, account)
    lost = {entry.target_id for entry in read if not entry.url}
    instances = Instance.objects.owned_by(account).count_by_image(lost)
    names = {region.code: region.name for region in regions_of(request)}
    rows = [
        (entry, names.get(entry.region, entry.region), instances.get(entry.target_id, 0))
        for entry in read
    ]
    context = {
        "news": [row for row in rows if row[0].at > seen_at],
        "earlier": [row for row in rows if row[0].at <= seen_at],
        "has_more": len(received) > LATEST,
        "shown": LATEST,
    }
    return dialog(request, "images/inbox.html", context)


@require_POST
def seen(request: ConsoleRequest) -> HttpResponse:
    """Note how far this person has looked; what came after that stays news."""
    form = SeenForm(request.POST)
    if form.is_valid():
        until = min(form.cleaned_data["until"], timezone.now())
        behind = User.objects.filter(pk=request.user.pk, inbox_seen_at__lt=until)
        behind.update(inbox_seen_at=until)
        request.user.inbox_seen_at = max(until, request.user.inbox_seen_at)
    if not request.htmx:
        return SeeOther(reverse("inbox:list"))
    return render(request, "components/inbox_link.html", {"is_oob": True})
