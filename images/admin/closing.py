"""The operators' pages that close an account, report about it, and reopen it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import directory
from accounts.actors import Actor
from accounts.admin.base import get_operator
from accounts.exceptions import Refused
from accounts.forms import ConsoleForm, add_refusal
from accounts.http import get_posted_data
from accounts.models import Account

from .. import closing, holdings
from ..forms import get_status
from ..holdings import Holdings
from . import tables


class CloseForm(ConsoleForm):
    images = forms.ChoiceField(
        label=gettext_lazy("Images and instances"),
        choices=closing.Choice,
        initial=closing.Choice.KEEP,
        widget=forms.RadioSelect,
    )
    to = forms.CharField(
        label=gettext_lazy("New owner"),
        required=False,
        help_text=gettext_lazy("Only for handing over: an account ID, Baidu or cloud account."),
    )
    shown = forms.CharField(required=False)
    number = forms.IntegerField(required=False)

    def __init__(self, *args: Any, number: int, by: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected, self.by = number, by
        if number >= holdings.MANY:
            sentence = _(
                "Enter %(number)d, the number of shares, images, instances and keys above."
            )
            self.fields["number"].label = sentence % {"number": number}
        else:
            del self.fields["number"]

    def clean_to(self) -> Account | None:
        text = self.cleaned_data["to"]
        accounts = directory.look_up([text], by=self.by)[text] if text else []
        if text and len(accounts) != 1:
            sentence = _("Matches two accounts: use the account ID") if accounts else ""
            raise ValidationError(sentence or _("Account not found"))
        return accounts[0] if accounts else None

    def clean_number(self) -> int | None:
        number: int | None = self.cleaned_data["number"]
        if number != self.expected:
            raise ValidationError(
                _("Enter %(number)d to confirm."), params={"number": self.expected}
            )
        return number


def get_account(pk: str) -> Account:
    return get_object_or_404(Account, pk=pk if pk.isdecimal() else 0)


def close(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show all that goes, and close the account as it was shown."""
    if not request.user.has_perm("accounts.delete_account"):
        raise PermissionDenied
    account, by = get_account(object_id), get_operator(request)
    held = holdings.find(account)
    form = CloseForm(get_posted_data(request), number=held.size, by=by)
    if account.is_closed:
        messages.info(
            request, _("The account %(name)s is closed already.") % {"name": account.name}
        )
        return redirect("admin:accounts_account_change", account.pk)
    if form.is_valid():
        values = form.cleaned_data
        choice, to, shown = closing.Choice(values["images"]), values["to"], values["shown"]
        try:
            event = closing.close(account=account, images=choice, to=to, shown=shown, by=by)
        except Refused as refusal:
            if not add_refusal(form, refusal):
                form.add_error(None, str(refusal))
            held = holdings.find(account)
        else:
            messages.success(
                request, _("The account %(name)s was closed.") % {"name": account.name}
            )
            return redirect("admin:accounts_account_closing", account.pk, event.pk)
    context = {
        "form": form,
        "shown": held.digest,
        "sentences": summarize(held),
        "tables": list_holdings(held, by),
    }
    title = _("Close %(name)s") % {"name": account.name}
    response = render(admin, request, "close.html", account, title=title, **context)
    response.status_code = get_status(form)
    return response


def summarize(held: Holdings) -> list[str]:
    """Return what closing does, in sentences with numbers."""
    images, owners = ({g.image_id for g in held.given}, {g.recipient_id for g in held.given})
    facts = {
        "given": len(held.given),
        "images": len(images),
        "accounts": len(owners),
        "received": len(held.received),
        "people": len(held.people),
        "keys": len(held.active_keys),
        "own_images": len(held.images),
        "instances": len(held.instances),
    }
    sentences = [
        _("Shares given that end: %(given)d (images: %(images)d, accounts: %(accounts)d)"),
        _("Shares received that end: %(received)d"),
        _("People who can no longer sign in, and whose sessions end: %(people)d"),
        _("Access keys that are disabled: %(keys)d"),
        _("Images and instances that you decide about: %(own_images)d and %(instances)d"),
    ]
    return [sentence % facts for sentence in sentences]


def list_holdings(held: Holdings, by: Actor) -> list[tables.Table]:
    found = [
        tables.list_unreleasable(closing.find_unreleasable(held, by)),
        tables.list_given(held.given),
        tables.list_received(held.received),
        tables.list_dependants(holdings.find_dependants(held.account)),
        tables.list_people(held),
        tables.list_images(held.images),
        tables.list_instances(held.instances),
    ]
    return [table for table in found if table.rows]


def report(admin: ModelAdmin, request: HttpRequest, object_id: str, event: int) -> HttpResponse:
    """Show what a closing did, to be printed: as long as the audit trail is kept."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    account = get_account(object_id)
    found = next((each for each in closing.find_closings(account) if each.pk == event), None)
    if found is None:
        raise Http404
    title = _("Closing of %(name)s") % {"name": found.target_name}
    shown = tables.report(found, closing.find_batch(found))
    return render(admin, request, "closing.html", account, title=title, tables=shown)


def reopen(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    if not request.user.has_perm("accounts.change_account"):
        raise PermissionDenied
    account = get_account(object_id)
    if request.method == "POST":
        closing.reopen(account=account, by=get_operator(request))
        messages.success(request, _("The account %(name)s was reopened.") % {"name": account.name})
    if request.method == "POST" or not account.is_closed:
        return redirect("admin:accounts_account_change", account.pk)
    title = _("Reopen %(name)s") % {"name": account.name}
    return render(admin, request, "reopen.html", account, title=title)


def render(
    admin: ModelAdmin, request: HttpRequest, template: str, account: Account, **context: Any
) -> HttpResponse:
    common = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "original": account,
        # So that a report prints without the list of models
        "is_nav_sidebar_enabled": False,
    }
    path = f"admin/accounts/account/{template}"
    return TemplateResponse(request, path, common | context)
