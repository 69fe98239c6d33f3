"""Filters of the lists of accounts, images, shares and instances."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import FormFilter, RecipientForm, account_q
from accounts.forms import ConsoleForm

from .. import usage
from ..models import Image


class NearLimitFilter(admin.SimpleListFilter):
    """The accounts or images at nine tenths of a limit."""

    title = _("limits")
    parameter_name = "limits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("near", _("At 90% of a limit"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        return usage.filter_near_limit(queryset) if self.value() == "near" else queryset


class TypeFilter(admin.ChoicesFieldListFilter):
    """Filter by type. Public images, which are few, are found by the owner they don't have."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.lookup_val and Image.Type.CUSTOM not in self.lookup_val:
            queryset = queryset.filter(owner=None)
        return super().queryset(request, queryset)


class PeopleFilter(admin.SimpleListFilter):
    """The open accounts that nobody can sign in to."""

    title = _("people")
    parameter_name = "people"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("none", _("Nobody can sign in"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        return usage.find_accounts_without_people(queryset) if self.value() == "none" else queryset


class OwnerForm(ConsoleForm):
    owner = forms.CharField(
        label=_("Baidu account, cloud account or user ID"), required=False, max_length=80
    )


class OwnerFilter(FormFilter):
    """The rows of the owners that are named, in whole or in part."""

    title = _("Owner")
    form_class = OwnerForm

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        text = self.form.cleaned_data.get("owner")
        return queryset.filter(account_q(text, "owner")) if text else queryset


class SharedByFilter(OwnerFilter):
    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        text = self.form.cleaned_data.get("owner")
        return queryset.filter(account_q(text, "image__owner")) if text else queryset


class GrantedToFilter(FormFilter):
    """The shares with the recipients that are named, in whole or in part."""

    title = _("Recipient")
    form_class = RecipientForm

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        text = self.form.cleaned_data.get("recipient")
        return queryset.filter(account_q(text, "recipient")) if text else queryset


class ReleasedFilter(admin.SimpleListFilter):
    title = _("released")
    parameter_name = "released"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("no", _("Not released")), ("yes", _("Released"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(released_at__isnull=self.value() == "no")
