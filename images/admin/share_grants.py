from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.admin.base import ReadOnlyAdmin, get_operator
from accounts.admin.confirming import (
    ACCOUNTS,
    Attempts,
    Question,
    ask_first,
    group_by_account,
)
from accounts.models import Account
from accounts.wording import join_names

from .. import quotas, sharing
from ..models import Image, Instance, Region, ShareGrant
from . import tables, undoing
from .filters import GrantedToFilter, SharedByFilter

SHARES = ngettext_lazy("%(number)d share", "%(number)d shares", "number")
IMAGES = ngettext_lazy("%(number)d image", "%(number)d images", "number")


@admin.register(ShareGrant)
class ShareGrantAdmin(ReadOnlyAdmin):
    """Grants, read-only except for the action that unshares."""

    list_display = (
        *("image_link", "region", "owner_link", "recipient_link", "received"),
        *("shared_at", "shared_by"),
    )
    list_display_links = ("shared_at",)
    # By image, so that an index of images leads to the shares of a region
    ordering = ("-image__created_at", "image__image_id", "-pk")
    sortable_by = ()
    list_select_related = ("image__owner", "image__region", "owner", "recipient")
    list_filter = ("image__region", SharedByFilter, GrantedToFilter)
    search_fields = (
        *("image__name", "image__image_id"),
        *("image__owner__name", "image__owner__uc_account", "image__owner__account_id"),
        *("recipient__name", "recipient__uc_account", "recipient__account_id"),
    )
    search_help_text = gettext_lazy(
        "Name or ID of an image, or owner or recipient (Baidu account, cloud account or user ID)."
    )
    actions = ("unshare",)

    def complete(self, rows: Sequence[Any]) -> None:
        counts = ShareGrant.objects.count_by_recipient(grant.recipient for grant in rows)
        for grant in rows:
            grant.received_count = counts[grant.recipient_id]

    def get_history_term(self, obj: ShareGrant) -> str:
        return obj.image.image_id

    @admin.display(description=gettext_lazy("image"))
    def image_link(self, grant: ShareGrant) -> SafeString:
        return tables.render(tables.link(grant.image))

    @admin.display(description=gettext_lazy("region"))
    def region(self, grant: ShareGrant) -> Region:
        return grant.image.region

    @admin.display(description=gettext_lazy("owner"))
    def owner_link(self, grant: ShareGrant) -> SafeString:
        return tables.render(tables.link(grant.owner))

    @admin.display(description=gettext_lazy("recipient"))
    def recipient_link(self, grant: ShareGrant) -> SafeString:
        return tables.render(tables.link(grant.recipient))

    @admin.display(description=gettext_lazy("received images"))
    def received(self, grant: Any) -> SafeString:
        """Return the use of the recipient's limit, with a link to everything it received."""
        used = tables.say_use(grant.received_count, quotas.get_received_limit(grant.recipient))
        account_id = grant.recipient.account_id
        return tables.render(tables.link_list(ShareGrant, used, account_id, by="recipient"))

    @admin.action(description=gettext_lazy("Unshare selected images"), permissions=["unshare"])
    def unshare(self, request: HttpRequest, queryset: QuerySet[ShareGrant]) -> HttpResponse | None:
        """Unshare each image from all its selected recipients or none. A refusal stops no other."""

        def act(question: Question[ShareGrant]) -> None:
            attempt = Attempts(question.refused)
            event = None
            groups = group_by_image(question.chosen)
            regions = undoing.name_regions(groups)
            for image, accounts in groups.items():
                names = [account.name for account in accounts]
                label = undoing.name_shares(image.name, names, regions.get(image.image_id, ""))
                entries = [sharing.Entry(account.name, [account]) for account in accounts]
                by = get_operator(request)
                event = (
                    attempt(label, sharing.unshare, image=image, entries=entries, by=by) or event
                )
            undo = ""
            if event and request.user.has_perm("images.add_sharegrant"):
                undo = reverse("admin:images_sharegrant_undo", args=[event.pk])
            attempt.tell(self, request, gettext_lazy("No longer shared: %(names)s."), undo=undo)

        return ask_first(self, request, queryset, describe_unshare, act)

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(partial(undoing.undo, self))
        return [path("undo/<int:event>/", undo, name="images_sharegrant_undo"), *super().get_urls()]

    def has_unshare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_sharegrant")


def group_by_image(grants: Iterable[ShareGrant]) -> dict[Image, list[Account]]:
    """Return the recipients of each image."""
    groups: dict[Image, list[Account]] = {}
    for grant in sorted(grants, key=lambda grant: (grant.image_id, grant.recipient.name)):
        groups.setdefault(grant.image, []).append(grant.recipient)
    return groups


def describe_unshare(chosen: Sequence[ShareGrant]) -> Question[ShareGrant]:
    by_recipient = group_by_account(chosen, lambda grant: grant.recipient)
    counts = count_instances(chosen)
    facts = {
        "shares": SHARES % {"number": len(chosen)},
        "images": IMAGES % {"number": len({grant.image_id for grant in chosen})},
        "accounts": ACCOUNTS % {"number": len(by_recipient)},
    }
    return Question(
        heading=_("Unshare"),
        sentence=_("Takes %(shares)s of %(images)s from %(accounts)s.") % facts,
        note=_(
            "The accounts can no longer see the images or create instances from them. Their "
            "instances keep running, but can no longer be reinstalled from them. Unsharing can be "
            "undone for 10 minutes."
        ),
        chosen=chosen,
        headings=(_("Account"), _("Shares"), _("Images (owner, region)"), _("Instances")),
        rows=[
            (
                account,
                len(own),
                join_names([f"{each.image} ({each.owner}, {each.image.region})" for each in own]),
                sum(counts.get((grant.recipient_id, grant.image.image_id), 0) for grant in own),
            )
            for account, own in by_recipient.items()
        ],
    )


def count_instances(grants: Iterable[ShareGrant]) -> dict[tuple[int, str], int]:
    """Return how many instances each recipient created from each image (by image ID)."""
    instances = Instance.objects.live().filter(
        owner__in=[grant.recipient_id for grant in grants],
        image_id__in=[grant.image.image_id for grant in grants],
    )
    rows = instances.order_by().values_list("owner", "image_id").annotate(n=Count("pk"))
    return {(owner, image_id): number for owner, image_id, number in rows}
