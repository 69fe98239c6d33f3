"""The recipients of an image, on its page, in the Unshare dialog and as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import exports, standby
from accounts.http import ConsoleRequest
from images import rules, sharing
from images.models import Image, ShareGrant, count_by_owner

from .columns import Column, Sort
from .guards import find_image
from .offers import Action
from .responses import render_refusal

COLUMNS = [
    Column(_("Account and ID"), "account"),
    Column(_("Shared since"), "since"),
    Column(_("Instances"), "instances", is_number=True),
]
BY_ACCOUNT = Sort("account")
HEADINGS = [
    _("Account"),
    _("Account ID"),
    _("Shared since (%(zone)s)"),
    _("Shared by"),
    _("Instances"),
]


def read_grants(image: Image) -> list[ShareGrant]:
    """Return the grants by account name, with the number of instances of each recipient."""
    grants = sharing.list_grants(image=image.pk)
    owners = [grant.recipient_id for grant in grants]
    counts = dict(count_by_owner(image_id=image.image_id, owners=owners))
    for grant in grants:
        grant.instances = counts.get(grant.recipient_id, 0)
    return grants


def find_ids(grants: Sequence[ShareGrant], text: str) -> set[str]:
    """Return the IDs of the accounts with `text` in a name, or at the start of the ID.

    lists.js does the same.
    """
    wanted = text.strip().lower()
    recipients = [grant.recipient for grant in grants]
    return {
        account.account_id
        for account in recipients
        if wanted in f"{account.name} {account.uc_account}".lower()
        or account.account_id.startswith(wanted)
    }


def sort_grants(grants: Sequence[ShareGrant], sort: Sort) -> list[ShareGrant]:
    keys: dict[str, Callable[[ShareGrant], Any]] = {
        "account": lambda grant: grant.recipient.name,
        "since": lambda grant: grant.shared_at,
        "instances": lambda grant: grant.instances,
    }
    order = sort if sort.key else BY_ACCOUNT
    return sorted(grants, key=keys[order.key], reverse=order.descending)


@require_safe
def export(request: ConsoleRequest, region: str, image_id: str) -> HttpResponse | FileResponse:
    """Return the recipients as CSV. The Share dialog can read it."""
    image = find_image(request, region, image_id)
    if refusal := rules.against_inspecting(image, request.actor):
        return render_refusal(request, Action.UNSHARE, image, refusal)
    with exports.taking_turns(request.actor):
        grants = standby.read(lambda: read_grants(image), by=request.actor)
        file = exports.write_table(HEADINGS, map(to_cells, grants))
    exports.record(request.actor, "csv", request.GET, target=image.audit_target)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{image.image_id}-recipients.csv",
        content_type="text/csv; charset=utf-8",
    )


def to_cells(grant: ShareGrant) -> list[str]:
    at = timezone.localtime(grant.shared_at).isoformat(timespec="seconds")
    return [
        grant.recipient.name,
        grant.recipient.account_id,
        at.replace("+00:00", "Z"),
        grant.shared_by,
        str(grant.instances),
    ]
