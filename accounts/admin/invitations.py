"""The operators' page that invites a person, and the one that shows the link."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from .. import invitations
from ..exceptions import Refused
from ..models import User
from .base import AuditedAdmin, get_operator


class InvitingAdmin(AuditedAdmin):
    """An admin of people with a page that invites one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(invite, self))
        return [
            path("<path:object_id>/invite/", view, name="accounts_user_invite"),
            *super().get_urls(),
        ]


def invite(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask, then show an invitation of the person once."""
    person: User | None = admin.get_object(request, object_id)
    if person is None:
        raise Http404
    if not admin.has_change_permission(request, person):
        raise PermissionDenied
    by = get_operator(request)
    refusal = invitations.against_inviting(person, by)
    if request.method == "POST" and refusal is None:
        try:
            link = invitations.issue(person=person, by=by)
        except Refused as error:
            refusal = error
        else:
            return show_link(admin, request, person, link)
    if refusal:
        messages.error(request, str(refusal))
        return redirect("admin:accounts_user_change", person.pk)
    context = {"title": _("Invite %(name)s") % {"name": person.username}, "person": person}
    return render(admin, request, "admin/accounts/user/invite.html", context)


def show_link(admin: ModelAdmin, request: HttpRequest, person: User, link: str) -> HttpResponse:
    """Show the link of an invitation. It is shown only in this response."""
    context = {
        "title": _("Invitation of %(name)s") % {"name": person.username},
        "person": person,
        "link": request.build_absolute_uri(link),
    }
    return render(admin, request, "admin/accounts/user/invitation.html", context)


def render(
    admin: ModelAdmin,
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    frame = admin.admin_site.each_context(request) | {"opts": admin.opts}
    return TemplateResponse(request, template, frame | context, status=status)
