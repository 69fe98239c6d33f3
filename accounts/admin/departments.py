"""The operators' pages that create a department: one on a form, or many from a CSV file.

A department is an account with its first person, who gets an invitation.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import importing, invitations, people
from ..exceptions import Refused
from ..forms import ConsoleForm
from ..http import ConsoleRequest, get_posted_data
from ..importing import Effect, Result, Row
from ..models import Role, User
from ..once import run_form
from .base import AuditedAdmin, get_operator
from .invitations import render, show_link

SALT = "accounts.import"
PLAN_SECONDS = 60 * 60


class AccountForm(forms.ModelForm):
    """A new account."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if field := self.fields.get("uc_account"):
            field.required = False
            field.help_text = _("Leave blank for <code>uc-</code> and the Baidu account.")

    def clean_uc_account(self) -> str:
        text: str = self.cleaned_data["uc_account"]
        return text or f"uc-{self.cleaned_data.get('name', '')}"


class DepartmentForm(AccountForm):
    """A new account with its first person."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        required=False,
        max_length=150,
        help_text=gettext_lazy(
            "You get a link with which this person sets a password. Leave blank to add nobody now."
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role, initial=Role.ADMIN, required=False
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        others = {field.name for field in User._meta.fields} - {"username"}
        if username:
            try:
                User(username=username).full_clean(exclude=others, validate_constraints=False)
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return username


class DepartmentAdmin(AuditedAdmin):
    """An admin of accounts whose page to add one adds its first person, too."""

    change_list_template = "admin/accounts/account/change_list.html"

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = DepartmentForm if may_add_person(request) else AccountForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        person = (_("First person"), {"fields": ("username", "role")})
        limits = ("custom_image_limit", "recipient_limit", "received_image_limit")
        return [
            (None, {"fields": ("name", "uc_account", "account_id")}),
            *([person] if may_add_person(request) else []),
            (_("Limits"), {"fields": (*limits, "limits_reason", "limits_until")}),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        if username := not change and form.cleaned_data.get("username"):
            by, role = get_operator(request), form.cleaned_data["role"] or Role.ADMIN
            person = people.add(account=obj, username=username, role=role, by=by)
            obj.invited = person, invitations.issue(person=person, by=by)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        if not hasattr(obj, "invited"):
            return super().response_add(request, obj, post_url_continue)
        person, link = obj.invited
        return show_link(self, request, person, link)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(import_accounts, self))
        return [path("import/", view, name="accounts_account_import"), *super().get_urls()]


def may_add_person(request: HttpRequest) -> bool:
    """Return True if the page to add an account adds a person. A pop-up can't show the link."""
    is_popup = IS_POPUP_VAR in {**request.GET.dict(), **request.POST.dict()}
    return settings.LOCAL_SIGN_IN and request.user.has_perm("accounts.add_user") and not is_popup


class ImportForm(ConsoleForm):
    file = forms.FileField(label=gettext_lazy("CSV file"), widget=forms.FileInput)


def import_accounts(admin: ModelAdmin, request: ConsoleRequest) -> HttpResponseBase:
    """Show what each row of a file would add, then import what was shown."""
    if not request.user.has_perms(["accounts.add_account", "accounts.add_user"]):
        raise PermissionDenied
    if "plan" in request.POST:
        return run_form(request, partial(run_plan, admin, request), partial(show_again, admin))
    form = ImportForm(get_posted_data(request), request.FILES or None)
    if form.is_valid():
        try:
            rows = importing.read_file(form.cleaned_data["file"].read())
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return show_plan(admin, request, rows)
    return render_import(admin, request, form=form, status=422 if form.is_bound else 200)


def show_plan(
    admin: ModelAdmin, request: HttpRequest, rows: list[Row], *, notice: str = ""
) -> HttpResponse:
    results = importing.preview(rows, by=get_operator(request))
    plan = {"rows": [asdict(row) for row in rows], "effects": importing.get_effects(results)}
    is_new = any(result.effect != Effect.NOTHING for result in results)
    return render_import(
        admin,
        request,
        form=ImportForm(),
        results=results,
        notice=notice,
        problems=sum(bool(result.problem) for result in results),
        plan=signing.dumps(plan, salt=SALT, compress=True) if is_new else "",
        status=409 if notice else 200,
    )


def run_plan(admin: ModelAdmin, request: ConsoleRequest) -> HttpResponse:
    """Import exactly what the page showed, or show what has become of it."""
    try:
        plan = signing.loads(request.POST["plan"], salt=SALT, max_age=PLAN_SECONDS)
    except signing.BadSignature:
        form = ImportForm({})
        form.errors["file"] = form.error_class([_("This page is too old. Choose the file again.")])
        return render_import(admin, request, form=form, status=422)
    rows = [Row(**row) for row in plan["rows"]]
    by = get_operator(request)
    results = importing.import_rows(rows, by=by, shown=plan["effects"])
    is_done = importing.is_importable(results) and importing.get_effects(results) == plan["effects"]
    if not is_done:
        notice = _("Somebody else changed accounts meanwhile. Nothing was imported.")
        return show_plan(admin, request, rows, notice=notice)
    links = [
        (result.row.account, result.row.username, result.invitation)
        for result in results
        if result.invitation
    ]
    added = count_added(results)
    request.outcome = {"people": [username for _account, username, _link in links], "added": added}
    return render_imported(admin, request, links=links, added=added)


def show_again(admin: ModelAdmin, request: ConsoleRequest, outcome: dict[str, Any]) -> HttpResponse:
    """Respond to a plan that was imported already, with new links for who has no password yet."""
    by = get_operator(request)
    people = User.objects.filter(username__in=outcome["people"]).select_related("account")
    links = [
        (person.account, person.username, invitations.issue(person=person, by=by))
        for person in people
        if not person.has_usable_password() and not invitations.against_inviting(person, by)
    ]
    return render_imported(admin, request, links=links, added=outcome["added"], is_again=True)


def render_imported(
    admin: ModelAdmin, request: HttpRequest, *, links: list[tuple[Any, str, str]], **context: Any
) -> HttpResponse:
    context["title"] = _("Imported accounts and people")
    context["invited"] = [
        (account, username, request.build_absolute_uri(link)) for account, username, link in links
    ]
    return render(admin, request, "admin/accounts/account/imported.html", context)


def count_added(results: list[Result]) -> dict[str, int]:
    effects = [result.effect for result in results]
    both = effects.count(Effect.BOTH)
    return {
        "accounts": both + effects.count(Effect.ACCOUNT),
        "people": both + effects.count(Effect.PERSON),
    }


def render_import(
    admin: ModelAdmin, request: HttpRequest, *, status: int, **context: Any
) -> HttpResponse:
    context["title"] = _("Import accounts and people")
    context["row_limit"] = importing.MAX_ROWS
    template = "admin/accounts/account/import.html"
    return render(admin, request, template, context, status=status)
