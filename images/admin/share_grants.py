from __future__ import annotations

from itertools import groupby

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import ReadOnlyAdmin, get_operator
from accounts.exceptions import Refused

from .. import sharing
from ..models import ShareGrant


@admin.register(ShareGrant)
class ShareGrantAdmin(ReadOnlyAdmin):
    """Grants, read-only except for the action that unshares."""

    list_display = ("image", "owner", "recipient", "shared_at", "shared_by")
    list_select_related = ("image", "owner", "recipient")
    list_filter = ("image__region",)
    search_fields = ("image__image_id", "image__name", "owner__name", "recipient__name")
    actions = ("unshare",)

    @admin.action(description=gettext_lazy("Unshare selected images"), permissions=["unshare"])
    def unshare(self, request: HttpRequest, queryset: QuerySet[ShareGrant]) -> None:
        """Unshare each image from all its selected recipients or none. A refusal stops no other."""
        grants = queryset.select_related("image__owner", "recipient").order_by("image_id")
        for image, group in groupby(grants, key=lambda grant: grant.image):
            accounts = [grant.recipient for grant in group]
            entries = [sharing.Entry(account.name, [account]) for account in accounts]
            try:
                sharing.unshare(image=image, entries=entries, by=get_operator(request))
            except Refused as refusal:
                message = _("%(name)s: %(reason)s") % {"name": image.name, "reason": refusal}
                self.message_user(request, message, messages.ERROR)
            else:
                self.message_user(request, _("%(name)s was unshared.") % {"name": image.name})

    def has_unshare_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("images.delete_sharegrant")
