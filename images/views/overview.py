from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.activity import entries
from accounts.http import ConsoleRequest
from accounts.models import Account, AuditEvent
from images import picture, quotas, regions
from images.models import Instance, Region, ShareGrant
from images.picture import SharedImage

from .activity import linked

LATEST = 8
# Images of a kind in the picture: as many as the document's limits let an account have
DRAWN = 20


@require_safe
def overview(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    here = regions.find(request, region)
    own, received = shared_by(account, here), shared_with(account, here)
    drawn = own[:DRAWN] + received[:DRAWN]
    events = AuditEvent.objects.noteworthy_for(account)[:LATEST]
    instances = Instance.objects.owned_by(account).in_region(here.code).count_by_status()
    context = {
        "region": here,
        "custom_limit": quotas.custom_images(account),
        "received": regions.count_received(request),
        "received_limit": quotas.received_images(account),
        "fullest": max(own, key=lambda image: len(image.accounts), default=None),
        "recipient_limit": quotas.recipients_per_image(account),
        "instances": sum(instances.values()),
        "statuses": [(Instance.Status(status), n) for status, n in instances.items()],
        "shared": drawn,
        "more": len(own) + len(received) - len(drawn),
        "picture": picture.draw(own[:DRAWN], received[:DRAWN], you=account.name),
        "entries": linked(entries(events, to=account), request.actor, account),
    }
    template = "images/overview.html" + ("#overview" if request.htmx else "")
    return render(request, template, context)


def shared_by(account: Account, region: Region) -> list[SharedImage]:
    """The account's images there that others have, the newest first, and who these are."""
    grants = ShareGrant.objects.filter(image__region=region, image__owner=account)
    rows = grants.order_by("-image__created_at", "image__image_id", "recipient__name")
    names = rows.values_list("image__image_id", "image__name", "recipient__name")
    return [
        SharedImage(
            name=name,
            url=reverse("images:detail", args=[region.code, image_id]),
            accounts=[recipient for _id, _name, recipient in those],
        )
        for (image_id, name), those in groupby(names, key=lambda row: row[:2])
    ]


def shared_with(account: Account, region: Region) -> list[SharedImage]:
    """The images of others that the account has there: nothing else is told about them."""
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
