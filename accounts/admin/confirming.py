"""Ask before an action of a list acts: what it will do, to how many objects of which accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from ..exceptions import Refused
from ..forms import ConsoleForm
from ..models import Account
from ..wording import LazyText, join_names

M = TypeVar("M", bound=Model)
R = TypeVar("R")

ACCOUNTS = ngettext_lazy("%(number)d account", "%(number)d accounts", "number")
# More than anybody reads. A longer selection is not acted on.
MAX_SELECTED = 500
# Above this number, it has to be typed.
MAX_UNTYPED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[M]):
    """What an action would do.

    `chosen` are the objects that it acts on. `refused` has the names of the others by the reason.
    `headings` and `rows` are a table of the impact by account.
    """

    heading: str | LazyText
    sentence: str | LazyText
    note: str | LazyText
    chosen: Sequence[M]
    headings: Sequence[str | LazyText] = ()
    rows: Iterable[Sequence[object]] = ()
    refused: dict[str, list[str]] = field(default_factory=dict)

    @property
    def refusals(self) -> list[str]:
        return list_refused(self.refused)


class ConfirmationForm(ConsoleForm):
    """The number of objects to type, if they are many."""

    number = forms.IntegerField(
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, number: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = number
        self.fields["number"].label = _("Type %(number)d to confirm") % {"number": number}
        if number <= MAX_UNTYPED:
            del self.fields["number"]

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if number != self.expected:
            raise ValidationError(_("Type the number %(number)d.") % {"number": self.expected})
        return number


def ask_first(
    model_admin: admin.ModelAdmin[M],
    request: HttpRequest,
    queryset: QuerySet[M],
    describe: Callable[[Sequence[M]], Question[M]],
    act: Callable[[Question[M]], None],
) -> TemplateResponse | None:
    """Show the question, or act on the objects of the question that was confirmed.

    The page posts their primary keys. Neither the filters of the list nor a change since then
    replaces or silently leaves out an object.
    """
    is_confirmed = "confirmed" in request.POST
    selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
    if is_confirmed:
        related = cast("Sequence[str]", model_admin.list_select_related)
        queryset = model_admin.get_queryset(request).select_related(*related)
        queryset = queryset.filter(pk__in=selected)
    chosen = list(queryset[: MAX_SELECTED + 1])
    if len(chosen) > MAX_SELECTED:
        sentence = _("Nothing was done. Select at most %(limit)d at a time.")
        model_admin.message_user(request, sentence % {"limit": MAX_SELECTED}, messages.ERROR)
        return None
    question = describe(chosen)
    if is_confirmed and ConfirmationForm(request.POST, number=len(selected)).is_valid():
        act(question)
        tell_gone(model_admin, request, len(selected) - len(chosen))
        return None
    return render_question(model_admin, request, question)


def render_question(
    model_admin: admin.ModelAdmin[M], request: HttpRequest, question: Question[M]
) -> TemplateResponse:
    data = request.POST if "confirmed" in request.POST else None
    form = ConfirmationForm(data, number=len(question.chosen))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": question.heading,
        "opts": model_admin.opts,
        "question": question,
        "form": form,
        "action": request.POST.get("action"),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/confirm_action.html", context, status=status)


def tell_gone(model_admin: admin.ModelAdmin[M], request: HttpRequest, number: int) -> None:
    if number:
        sentence = ngettext(
            "%(number)d of the selected objects was gone already.",
            "%(number)d of the selected objects were gone already.",
            number,
        )
        model_admin.message_user(request, sentence % {"number": number}, messages.WARNING)


def sort_out(
    selected: Iterable[M],
    against: Callable[[M], object],
    name: Callable[[M], str],
) -> tuple[list[M], dict[str, list[str]]]:
    """Return the objects that can be acted on, and the names of the others by the reason."""
    chosen: list[M] = []
    refused: dict[str, list[str]] = {}
    for each in selected:
        if reason := against(each):
            refused.setdefault(str(reason), []).append(name(each))
        else:
            chosen.append(each)
    return chosen, refused


def group_by_account(
    objects: Iterable[M], account_of: Callable[[M], Account | None]
) -> dict[Account | None, list[M]]:
    """Return the objects of each account, by the account's name."""
    groups: dict[Account | None, list[M]] = {}
    for each in sorted(objects, key=lambda each: str(account_of(each) or "")):
        groups.setdefault(account_of(each), []).append(each)
    return groups


class Attempts:
    """Call a verb for one object after the other. A refusal stops no other.

    `refused` has those that are refused already.
    """

    def __init__(self, refused: dict[str, list[str]]) -> None:
        self.done: list[str] = []
        self.refused = refused

    def __call__(self, name: str, verb: Callable[..., R], **arguments: Any) -> R | None:
        try:
            result = verb(**arguments)
        except Refused as refusal:
            self.refused.setdefault(str(refusal), []).append(name)
            return None
        self.done.append(name)
        return result

    def tell(
        self,
        model_admin: admin.ModelAdmin[M],
        request: HttpRequest,
        sentence: str | LazyText,
        *,
        undo: str = "",
    ) -> None:
        """Tell what was done, and for each reason what was refused. `sentence` has `%(names)s`."""
        if self.done:
            text = str(sentence % {"names": join_names(self.done)})
            link = format_html(' <a href="{}">{}</a>', undo, _("Undo")) if undo else ""
            model_admin.message_user(request, format_html("{}{}", text, link))
        for line in list_refused(self.refused):
            model_admin.message_user(request, line, messages.ERROR)


def list_refused(refused: dict[str, list[str]]) -> list[str]:
    """Return a sentence for each reason, with the names."""
    return [
        _("%(name)s: %(reason)s") % {"name": join_names(names), "reason": reason}
        for reason, names in refused.items()
    ]
