from __future__ import annotations

from functools import cache, partial
from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import standby
from accounts.activity import read_events
from accounts.http import ConsoleRequest
from accounts.kept import Kept, Parameter
from accounts.links import url_for
from accounts.models import NOTEWORTHY, SIGN_INS, Account, Walk, read_newest
from images import quotas
from images.models import Image, Instance, Region, ShareGrant, count_by_status

from . import matrix, picture, regions
from .activity import add_links
from .picture import Recipient, SharedImage

LATEST = 8
# Maximum number of own and of received images in the picture: the document's limits
MAX_DRAWN = 20
# The longest name of an image
MAX_QUERY = 65


@require_safe
@standby.lists
def overview(request: ConsoleRequest, region: str) -> HttpResponse:
    account = request.account
    current_region = regions.get_region(request, region)
    own = get_shared_images(account, current_region)
    received = get_received_images(account, current_region)
    has_matrix = matrix.is_needed(own)
    query = request.GET.get("q", "").strip()[:MAX_QUERY] if has_matrix else ""
    found = matrix.search(own, query)
    shown, shown_received = found[:MAX_DRAWN], received[:MAX_DRAWN]
    recipients = {account.account_id for image in own for account in image.accounts}
    opened = request.GET.get("open", "")
    walk = Walk(account=account, kinds=NOTEWORTHY, hidden=SIGN_INS)
    events = read_newest(walk, LATEST)
    counts = count_by_status(account, current_region.code)
    context = {
        "region": current_region,
        "custom_limit": quotas.get_custom_limit(account),
        "received": regions.count_received_images(request),
        "received_limit": quotas.get_received_limit(account),
        "most_shared": max(own, key=lambda image: len(image.accounts), default=None),
        "recipient_limit": quotas.get_recipient_limit(account),
        "instances": sum(counts.values()),
        "statuses": [(Instance.Status(status), count) for status, count in counts.items()],
        "has_matrix": has_matrix,
        "q": query,
        "max_query": MAX_QUERY,
        "own": own,
        "shown": shown,
        "received_images": shown_received,
        "hidden_count": len(found) - len(shown) + len(received) - len(shown_received),
        "matrix": matrix.build_matrix(shown) if has_matrix else None,
        "is_opened": opened in recipients,
        "picture": None if has_matrix else picture.draw(shown, shown_received, opened=opened),
        "activities": add_links(read_events(events, reader=account), request.actor, account),
    }
    template = "images/overview.html" + ("#overview" if request.htmx else "")
    return render(request, template, context)


def get_shared_images(account: Account, region: Region) -> list[SharedImage]:
    """Return the account's shared images in a region, newest first, with their recipients."""
    shares = find_shares(owner=account.pk, region=region.code)
    activity_url = url_for("activity:list", region.code)
    get_recipient = cache(partial(build_recipient, activity_url=activity_url))
    return [
        SharedImage(
            name=name,
            url=url_for("images:detail", region.code, image_id),
            accounts=[get_recipient(*row[2:]) for row in group],
        )
        for (image_id, name), group in groupby(shares, key=lambda row: row[:2])
    ]


@Kept
def find_shares(
    owner: Parameter, region: Parameter
) -> QuerySet[ShareGrant, tuple[str, str, str, str]]:
    """Return ID and name of the images that an account shares, with each recipient's."""
    grants = ShareGrant.objects.filter(image__region=region, image__owner=owner)
    rows = grants.order_by("-image__created_at", "image__image_id", "recipient__name")
    return rows.values_list(
        "image__image_id", "image__name", "recipient__name", "recipient__account_id"
    )


def build_recipient(name: str, account_id: str, activity_url: str) -> Recipient:
    return Recipient(
        name=name,
        account_id=account_id,
        url=f"{activity_url}?account={account_id}",
        title=_("%(account)s: view activity") % {"account": name},
    )


def get_received_images(account: Account, region: Region) -> list[SharedImage]:
    """Return the images shared with the account in a region, without their other recipients."""
    name = _("%(account)s (you)") % {"account": account.name}
    url = url_for("images:list", region.code) + "?type=shared"
    you = Recipient(name=name, account_id=account.account_id, url=url, title=name)
    return [
        SharedImage(
            name=name,
            url=url_for("images:detail", region.code, image_id),
            accounts=[you],
            owner=owner,
        )
        for image_id, name, owner in find_received(account=account.pk, region=region.code)
    ]


@Kept
def find_received(account: Parameter, region: Parameter) -> QuerySet[Image, tuple[str, str, str]]:
    images = Image.objects.shared_with(account).in_region(region)
    return images.values_list("image_id", "name", "owner__name")
