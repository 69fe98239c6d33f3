from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin.base import AuditedAdmin, get_operator
from accounts.exceptions import Refused, refuse_if

from .. import lifecycle, quotas, rules
from ..models import Image, ShareGrant
from . import sharing, tables
from .filters import NearLimitFilter, OwnerFilter, TypeFilter


@admin.register(Image)
class ImageAdmin(AuditedAdmin):
    """Operators manage public images. They can view, share and delete custom ones."""

    list_display = ("name", "image_id", "region", "type", "owner_link", "status", "recipients")
    list_filter = ("region", ("type", TypeFilter), OwnerFilter, NearLimitFilter)
    list_select_related = ("region", "owner")
    sortable_by = ("name", "image_id")
    search_fields = ("name", "image_id", "owner__name", "owner__uc_account", "owner__account_id")
    search_help_text = gettext_lazy(
        "Name or ID of an image, or owner (Baidu account, cloud account or user ID)."
    )
    readonly_fields = ("image_id", "owner", "created_at")
    fields = (
        *("name", "desc", "region", "type", "settled_status", "failure"),
        *("os_type", "os_name", "os_version", "os_arch", "os_build", "os_lang", "special_version"),
        *("size_gb", "min_disk_gb", "encrypted", "source"),
        *("image_id", "owner", "created_at"),
    )
    change_form_template = "admin/images/image/change_form.html"

    def complete(self, rows: Sequence[Image]) -> None:
        counts = ShareGrant.objects.count_by_image(rows)
        for image in rows:
            image.recipient_count = counts.get(image.pk, 0)

    @admin.display(description=gettext_lazy("status"))
    def status(self, image: Image) -> str:
        return tables.render_status(image)

    @admin.display(description=gettext_lazy("owner"))
    def owner_link(self, image: Image) -> str:
        return tables.render(tables.link(image.owner)) if image.owner else "–"

    @admin.display(description=gettext_lazy("shared with"))
    def recipients(self, image: Image) -> str:
        """Return the use of the image's limit, with a link to its shares."""
        if image.owner is None:
            return "–"
        used = tables.say_use(image.recipient_count, quotas.get_recipient_limit(image.owner))
        return tables.render(tables.link_list(ShareGrant, used, image.image_id))

    def formfield_for_choice_field(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "type":
            public = (Image.Type.SYSTEM, Image.Type.INTEGRATION)
            kwargs["choices"] = [(each.value, each.label) for each in public]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.owner is None)

    def get_urls(self) -> list[URLPattern]:
        share = self.admin_site.admin_view(partial(sharing.share, self))
        return [
            path("<path:object_id>/share/", share, name="images_image_share"),
            *super().get_urls(),
        ]

    def get_image(self, request: HttpRequest, object_id: str) -> Image:
        image: Image | None = self.get_object(request, unquote(object_id))
        if image is None:
            raise Http404
        return image

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Use Django's confirmation page, but delete and refuse as the console does."""
        image, by = self.get_image(request, object_id), get_operator(request)
        if not self.has_delete_permission(request, image):
            raise PermissionDenied
        try:
            if request.method != "POST":
                count = image.grants.count()
                refuse_if(rules.against_deleting(image, by, recipient_count=count))
                return super().delete_view(request, object_id, extra_context)
            lifecycle.delete(image=image, by=by)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:images_image_change", image.pk)
        self.message_user(request, _("%(name)s was deleted.") % {"name": image.name})
        return redirect("admin:images_image_changelist")
