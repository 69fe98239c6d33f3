from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.activity import read_events
from accounts.http import ConsoleRequest
from accounts.models import Account, AuditEvent
from images import quotas
from images.models import Instance, Region, ShareGrant

from . import picture, regions
from .activity import add_links
from .picture import SharedImage

LATEST = 8
# Maximum number of own and of received images in the picture: the document's limits
MAX_DRAWN = 20


@require_safe
def overview(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    current_region = regions.get_region(request, region)
    own = get_shared_images(account, current_region)
    received = get_received_images(account, current_region)
    images = own[:MAX_DRAWN] + received[:MAX_DRAWN]
    events = AuditEvent.objects.noteworthy_for(account)[:LATEST]
    counts = Instance.objects.owned_by(account).in_region(current_region.code).count_by_status()
    context = {
        "region": current_region,
        "custom_limit": quotas.get_custom_limit(account),
        "received": regions.count_received_images(request),
        "received_limit": quotas.get_received_limit(account),
        "most_shared": max(own, key=lambda image: len(image.accounts), default=None),
        "recipient_limit": quotas.get_recipient_limit(account),
        "instances": sum(counts.values()),
        "statuses": [(Instance.Status(status), count) for status, count in counts.items()],
        "picture_images": images,
        "hidden_count": len(own) + len(received) - len(images),
        "picture": picture.draw(own[:MAX_DRAWN], received[:MAX_DRAWN], you=account.name),
        "activities": add_links(read_events(events, reader=account), request.actor, account),
    }
    template = "images/overview.html" + ("#overview" if request.htmx else "")
    return render(request, template, context)


def get_shared_images(account: Account, region: Region) -> list[SharedImage]:
    """Return the account's shared images in a region, newest first, with their recipients."""
    grants = ShareGrant.objects.filter(image__region=region, image__owner=account)
    rows = grants.order_by("-image__created_at", "image__image_id", "recipient__name")
    values = rows.values_list("image__image_id", "image__name", "recipient__name")
    return [
        SharedImage(
            name=name,
            url=reverse("images:detail", args=[region.code, image_id]),
            accounts=[recipient for _id, _name, recipient in group],
        )
        for (image_id, name), group in groupby(values, key=lambda row: row[:2])
    ]


def get_received_images(account: Account, region: Region) -> list[SharedImage]:
    """Return the images shared with the account in a region, without their other recipients."""
    grants = ShareGrant.objects.filter(image__region=region, recipient=account)
    rows = grants.order_by("-image__created_at", "image__image_id")
    return [
        SharedImage(
            name=name,
            url=reverse("images:detail", args=[region.code, image_id]),
            accounts=[account.name],
            owner=owner,
        )
        for image_id, name, owner in rows.values_list(
            "image__image_id", "image__name", "owner__name"
        )
    ]
