"""Filters of the lists of accounts and images."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .. import usage
from ..models import Image


class NearLimitFilter(admin.SimpleListFilter):
    """The accounts or images at nine tenths of a limit."""

    title = _("limits")
    parameter_name = "limits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("near", _("At 90% of a limit"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        if self.value() != "near":
            return queryset
        if queryset.model is Image:
            return usage.find_images_near_limit(queryset)
        return usage.find_accounts_near_limit(queryset)


class PeopleFilter(admin.SimpleListFilter):
    """The open accounts that nobody can sign in to."""

    title = _("people")
    parameter_name = "people"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("none", _("Nobody can sign in"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        return usage.find_accounts_without_people(queryset) if self.value() == "none" else queryset
