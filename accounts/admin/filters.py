"""Filters of the lists of the administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..forms import ConsoleForm, PeriodForm
from ..models import Account
from ..models.indexes import has_part
from .lists import build_related_q


class ChoicesFilter(admin.SimpleListFilter):
    """Filter a field without choices by the labels of an enumeration."""

    enumeration: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return list(self.enumeration.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class FormFilter(admin.ListFilter):
    """A filter that is typed: a form behind a button. What is invalid filters nothing."""

    template = "admin/form_filter.html"
    form_class: type[ConsoleForm]

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.form = self.form_class(request.GET)
        self.is_valid = self.form.is_valid()
        for name in self.expected_parameters():
            params.pop(name, None)
        own = {*self.expected_parameters(), "p"}
        self.others = [(name, value) for name, value in request.GET.items() if name not in own]

    def expected_parameters(self) -> Any:
        return [*self.form_class.base_fields]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Any:  # noqa: ARG002
        return []

    @property
    def summary(self) -> str:
        """Return what is filtered by, for the button."""
        values = [self.form.cleaned_data.get(name) for name in self.form.fields]
        return " – ".join(str(value) for value in values if value)


class PeriodFilter(FormFilter):
    title = _("Period")
    form_class = PeriodForm
    form: PeriodForm

    def expected_parameters(self) -> Any:
        return ["since", "until", "zone"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.form.begin:
            queryset = queryset.filter(at__gte=self.form.begin)
        if self.form.end:
            queryset = queryset.filter(at__lte=self.form.end)
        return queryset

    @property
    def summary(self) -> str:
        """Return the days, with a sign for what is open."""
        days = [self.form.cleaned_data.get(name) for name in ("since", "until")]
        return " – ".join(str(day or "…") for day in days) if any(days) else ""


def account_q(text: str, path: str) -> Q:
    """Return the condition for rows whose account has `text` in a name, or starts its user ID."""

    def build(prefix: str) -> Q:
        is_named = has_part(f"{prefix}name", text) | has_part(f"{prefix}uc_account", text)
        return is_named | Q(**{f"{prefix}account_id__istartswith": text})

    return build_related_q(Account.objects.all(), path, build)


class RecipientForm(ConsoleForm):
    recipient = forms.CharField(
        label=_("Baidu account, cloud account or user ID"), required=False, max_length=80
    )


class RecipientFilter(FormFilter):
    title = _("Recipient")
    form_class = RecipientForm

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave it to the search, which knows the order of the list."""
