from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest

from .. import people
from ..exceptions import refuse_if
from ..models import Identity, User
from .base import AuditedAdmin, get_operator
from .people import may_manage


@admin.register(Identity)
class IdentityAdmin(AuditedAdmin):
    """Connect a person of this console with single sign-on, or disconnect them.

    Sign-ins make the others. Issuer and subject can't be changed.
    """

    fields = ("user", "issuer", "subject")
    list_display = ("user", "subject", "issuer", "asked_at", "revoked_at")
    list_select_related = ("user",)
    sortable_by = ("user",)
    search_fields = ("user__username", "subject")
    autocomplete_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        person = obj and obj.user
        return may_manage(request, person) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        refuse_if(people.against_managing(obj.user, get_operator(request)))
        super().save_model(request, obj, form, change)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"issuer": settings.OIDC_ISSUER, **super().get_changeform_initial_data(request)}

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        """Disconnect the person, whom the provider isn't asked about any more."""
        super().delete_model(request, obj)
        User.objects.filter(pk=obj.user_id).update(confirmed_at=None)
