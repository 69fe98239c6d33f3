"""The people of the account: everybody sees them, administrators manage them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from . import invitations, keys, people
from .actors import Actor
from .audit import Verb, all_or_none, record
from .exceptions import Refused, refuse_if
from .forms import PersonForm, RoleForm
from .http import (
    Confirmation,
    ConsoleRequest,
    close_dialog,
    confirm,
    get_posted_data,
    render_dialog,
)
from .models import AccessKey, User
from .once import replayed_by
from .roles import RoleNeeded
from .wording import LazyText

CHANGED = "people:changed"


class Action(models.TextChoices):
    """An action on a person. The value is the name of its URL."""

    ROLE = "role", _("Change role")
    INVITE = "invite", _("Invitation link")
    DEACTIVATE = "deactivate", _("Deactivate")
    REACTIVATE = "reactivate", _("Reactivate")

    @property
    def icon(self) -> str:
        icons = {"role": "edit", "invite": "share", "deactivate": "lock", "reactivate": "start"}
        return icons[self.value]

    @property
    def row_label(self) -> str:
        return str(self.label)

    @property
    def is_dialog(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Offer:
    action: Action
    url: str
    refusal: Refused | None


def get_offers(person: User, colleagues: Sequence[User], by: Actor, region: str) -> list[Offer]:
    """Return every action on the person, each with its refusal."""
    refusals: dict[Action, Refused | None] = {
        Action.ROLE: people.against_changing_role(person, by, colleagues),
        Action.INVITE: invitations.against_inviting(person, by),
    }
    if person.is_active:
        refusals[Action.DEACTIVATE] = people.against_deactivating(person, by, colleagues)
    else:
        refusals[Action.REACTIVATE] = people.against_reactivating(person, by)
    return [
        Offer(action, reverse(f"people:{action.value}", args=[region, person.pk]), refusal)
        for action, refusal in refusals.items()
    ]


def get_people(request: ConsoleRequest) -> list[User]:
    """Return the people of the account, with the number of their active access keys."""
    active = Count("access_keys", filter=Q(access_keys__is_active=True))
    rows = User.objects.filter(account=request.account).select_related("account")
    return list(rows.annotate(active_keys=active).order_by("username"))


@require_safe
def people_list(request: ConsoleRequest, region: str) -> HttpResponse:
    colleagues = get_people(request)
    context = {
        "region_code": region,
        "rows": [
            (person, get_offers(person, colleagues, request.actor, region)) for person in colleagues
        ],
        "refusal": invitations.against_adding(request.account, request.actor),
    }
    template = "accounts/person_list.html" + ("#people" if request.htmx else "")
    return render(request, template, context)


@require_safe
def detail(request: ConsoleRequest, region: str, pk: int) -> HttpResponse:
    colleagues = get_people(request)
    person = next((each for each in colleagues if each.pk == pk), None)
    if person is None:
        raise Http404
    own_keys = list(AccessKey.objects.owned_by(person))
    context = {
        "region_code": region,
        "person": person,
        "offers": get_offers(person, colleagues, request.actor, region),
        "keys": own_keys,
        "against_revoking": keys.against_revoking(person, request.actor),
    }
    template = "accounts/person_detail.html" + ("#person" if request.htmx else "")
    return render(request, template, context)


def get_list_url(region: str) -> str:
    return reverse("people:list", args=[region])


def find_person(request: ConsoleRequest, pk: int) -> User:
    """Return the person of the account. Raises Http404."""
    people_of_account = User.objects.filter(account=request.account).select_related("account")
    return get_object_or_404(people_of_account, pk=pk)


def refuse(
    request: ConsoleRequest,
    region: str,
    heading: str | LazyText,
    refusal: Refused,
    *,
    person: User | None = None,
) -> HttpResponse:
    """Render the refusal in the dialog: with 403 if the role is the reason."""
    is_denied = isinstance(refusal, RoleNeeded | people.NotOwnPeople | people.PersonIsOperator)
    otherwise = 422 if request.method == "POST" else 200
    back = get_list_url(region)
    context = {"heading": heading, "refusal": refusal, "person": person, "back": back}
    return render_dialog(
        request, "accounts/person_refused.html", context, status=403 if is_denied else otherwise
    )


# Adding and inviting


def show_invitation_again(request: ConsoleRequest, outcome: dict[str, Any]) -> HttpResponse:
    """Respond to a repetition with another link, because the first response may have been lost."""
    person = find_person(request, outcome["person"])
    path = invitations.issue(person=person, by=request.actor)
    return render_invitation(request, outcome["region"], person, path)


def render_invitation(
    request: ConsoleRequest, region: str, person: User, path: str
) -> HttpResponse:
    request.outcome = {"person": person.pk, "region": region}
    link = request.build_absolute_uri(path)
    context = {"person": person, "link": link, "back": get_list_url(region)}
    response = render_dialog(request, "accounts/person_invited.html", context)
    return trigger_client_event(response, CHANGED)


@replayed_by(show_invitation_again)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: ConsoleRequest, region: str) -> HttpResponse:
    """Add a person. Only this response shows the invitation link, and its repetitions."""
    heading = _("Add person")
    form = PersonForm(get_posted_data(request))
    try:
        refuse_if(invitations.against_adding(request.account, request.actor))
        if form.is_valid():
            with all_or_none():
                person = people.add(account=request.account, by=request.actor, **form.cleaned_data)
                path = invitations.issue(person=person, by=request.actor)
            return render_invitation(request, region, person, path)
    except ValidationError as error:
        form.add_error(None, error)
    except Refused as refusal:
        if request.method == "POST" and refusal.event is None:
            record(request.actor, Verb.ADD_PERSON, refusal=refusal)
        return refuse(request, region, heading, refusal)
    context = {"form": form, "back": get_list_url(region)}
    status = 422 if form.is_bound else 200
    return render_dialog(request, "accounts/person_form.html", context, status=status)


@replayed_by(show_invitation_again)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ConsoleRequest, region: str, pk: int) -> HttpResponse:
    """Show a link with which the person sets a password. It is made by the POST."""
    person = find_person(request, pk)
    try:
        if request.method == "POST":
            path = invitations.issue(person=person, by=request.actor)
            return render_invitation(request, region, person, path)
        refuse_if(invitations.against_inviting(person, request.actor))
    except Refused as refusal:
        return refuse(request, region, Action.INVITE.label, refusal, person=person)
    confirmation = Confirmation(
        heading=_("Create invitation link"),
        text=_(
            "Anyone who opens the link sets the password of this person: once, within a day. "
            "The current password works until then."
        ),
    )
    return confirm(request, confirmation, subject=person, kind="person", back=get_list_url(region))


# Changes


@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: ConsoleRequest, region: str, pk: int) -> HttpResponse:
    person = find_person(request, pk)
    form = RoleForm(get_posted_data(request), initial={"role": person.role})
    try:
        if form.is_valid():
            changed = people.change_role(person=person, by=request.actor, **form.cleaned_data)
            message = _("%(name)s is now %(role)s.")
            facts = {"name": changed.username, "role": changed.get_role_display()}
            return close_dialog(
                request, message=message % facts, changed=CHANGED, back_to=get_list_url(region)
            )
        refuse_if(people.against_changing_role(person, request.actor, get_people(request)))
    except people.SameRole as refusal:
        form.add_error("role", str(refusal))
    except Refused as refusal:
        return refuse(request, region, Action.ROLE.label, refusal, person=person)
    context = {"form": form, "person": person, "back": get_list_url(region)}
    status = 422 if form.is_bound else 200
    return render_dialog(request, "accounts/role_form.html", context, status=status)


class Change(NamedTuple):
    """A change of a person that needs a confirmation."""

    verb: Callable[..., User]
    against: Callable[[User, Actor, Sequence[User]], Refused | None]
    confirmation: Confirmation
    message: LazyText


CHANGES = {
    "deactivate": Change(
        people.deactivate,
        people.against_deactivating,
        Confirmation(
            heading=_("Deactivate person"),
            text=_(
                "The person is signed out everywhere and can't sign in. Requests signed with the "
                "person's access keys are rejected. You can reactivate the person at any time."
            ),
            is_danger=True,
        ),
        _("%(name)s was deactivated."),
    ),
    "reactivate": Change(
        people.reactivate,
        lambda person, by, _people: people.against_reactivating(person, by),
        Confirmation(
            heading=_("Reactivate person"),
            text=_("The person can sign in again, and active access keys are accepted again."),
        ),
        _("%(name)s was reactivated."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ConsoleRequest, region: str, pk: int, action: str) -> HttpResponse:
    """Deactivate or reactivate a person, after a confirmation."""
    person = find_person(request, pk)
    change = CHANGES[action]
    try:
        if request.method == "POST":
            change.verb(person=person, by=request.actor)
            message = change.message % {"name": person.username}
            back = get_list_url(region)
            return close_dialog(request, message=message, changed=CHANGED, back_to=back)
        refuse_if(change.against(person, request.actor, get_people(request)))
    except Refused as refusal:
        return refuse(request, region, change.confirmation.heading, refusal, person=person)
    return confirm(
        request, change.confirmation, subject=person, kind="person", back=get_list_url(region)
    )
