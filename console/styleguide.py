"""The style guide: every component on one page, made of the real templates and classes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial, wraps

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.activity import Entry, entries
from accounts.actors import Channel
from accounts.audit import Verb
from accounts.http import ConsoleRequest, done, posted
from accounts.middleware import account_optional
from accounts.models import Account, AuditEvent
from images import rules
from images.actions import Action, Offer
from images.forms import DescField, NameField
from images.models import Image

TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
SPRITE = settings.BASE_DIR / "static" / "img" / "icons.svg"
LIMIT = 50


class SampleForm(forms.Form):
    """A field of every kind."""

    name = NameField(label=gettext_lazy("Name"))
    spec = forms.ChoiceField(
        label=gettext_lazy("Spec"),
        choices=[(spec, spec) for spec in ("bcc.g5.c1m4", "bcc.g5.c2m8", "bcc.g5.c4m16")],
    )
    count = forms.IntegerField(
        label=gettext_lazy("Count"),
        min_value=1,
        max_value=20,
        help_text=gettext_lazy("All of them or none. More than one are numbered."),
    )
    desc = DescField()
    agreed = forms.BooleanField(label=gettext_lazy("I have checked this image."))


class DialogForm(forms.Form):
    name = NameField(label=gettext_lazy("Name"), attrs={"autofocus": True})


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @account_optional
    @wraps(view)
    def guarded(request: ConsoleRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request)

    return guarded


@staff_only
@require_safe
def styleguide(request: ConsoleRequest) -> HttpResponse:
    if request.htmx:
        return render(request, "components/messages.html")
    page = Paginator(range(196), 20).get_page(request.GET.get("page", 5))
    context = {
        "colors": re.findall(r"--([\w-]+): (?:light-dark|#)", TOKENS.read_text()),
        "spaces": re.findall(r"--(space-\w+):", TOKENS.read_text()),
        "sizes": re.findall(r"--(text(?!-box)(?:-\w+)?): [\d.]+rem", TOKENS.read_text()),
        "icons": re.findall(r'<symbol id="([\w-]+)" viewBox="0 0 16 16"', SPRITE.read_text()),
        "form": SampleForm(auto_id="empty_%s"),
        "refused": SampleForm({"name": "5 images", "count": "0"}, auto_id="refused_%s"),
        "images": samples(),
        "actions": [Action.SHARE, Action.UNSHARE, Action.DELETE],
        "refusal": rules.ImageIsShared(recipients=12),
        "levels": (0, 12, 42, LIMIT),
        "limit": LIMIT,
        "now": timezone.now(),
        "told": told(),
        "entries": timeline(),
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "tabs": [(_("Custom Images"), 7), (_("Shared Images"), 3), (_("Public Images"), 12)],
    }
    return render(request, "styleguide/page.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def sample(request: ConsoleRequest) -> HttpResponse:
    """A dialog like all the others; it changes nothing."""
    form = DialogForm(posted(request))
    back = reverse("styleguide")
    if form.is_valid():
        message = _("%(name)s was saved.") % form.cleaned_data
        return done(request, message=message, changed="styleguide:changed", back_to=back)
    layout = "dialog.html" if request.htmx else "styleguide/layout.html"
    context = {"form": form, "layout": layout, "is_dialog": bool(request.htmx), "back": back}
    status = 422 if form.is_bound else 200
    return render(request, "styleguide/dialog.html", context, status=status)


def samples() -> list[tuple[Image, int, list[Offer]]]:
    """Images that are in no table, with how many have them and what can be done to them."""
    now = timezone.now()
    making = Image(
        image_id="m-5tYleC03",
        name="web-frontend-2026-11",
        passing_status="Creating",
        passing_since=now - timedelta(minutes=6),
        settles_at=now + timedelta(minutes=4),
    )
    images = [
        (Image(image_id="m-5tYleC01", name="golden-ubuntu-22.04"), 12),
        (Image(image_id="m-5tYleC02", name="a-name-of-sixty-five-characters" + 34 * "x"), 50),
        (making, 0),
        (Image(image_id="m-5tYleC04", name="broken", settled_status="CreatedFailed"), 0),
    ]
    return [(image, used, offers(used)) for image, used in images]


def offers(used: int) -> list[Offer]:
    url = reverse("styleguide-dialog")
    against = rules.ImageIsShared(recipients=used) if used else None
    return [
        Offer(Action.SHARE, url, None),
        Offer(Action.DELETE, url, against),
        Offer(Action.EDIT, url, None),
        Offer(Action.UNSHARE, url, None if used else rules.ImageIsNotShared()),
    ]


def told() -> list[Message]:
    name, undo = "golden-ubuntu-22.04", reverse("styleguide-dialog")
    unshared = _("%(image)s is no longer shared with %(names)s.")
    return [
        Message(messages.SUCCESS, _("%(name)s was saved.") % {"name": name}),
        Message(messages.SUCCESS, unshared % {"image": name, "names": "payments"}, undo),
        Message(messages.ERROR, str(rules.ImageIsShared(recipients=12))),
    ]


def timeline() -> list[Entry]:
    """What an account would read of two events that are not in the audit trail."""
    account = Account(name="platform", account_id="1f" * 16)
    payments = {"account": "payments", "accountId": "2e" * 16}
    event = partial(
        AuditEvent,
        at=datetime(2026, 11, 23, 10, 5, tzinfo=UTC),
        actor="ada",
        actor_account=account.name,
        actor_account_id=account.account_id,
        channel=Channel.CONSOLE,
        target_type="image",
        target_id="m-5tYleC01",
        target_name="golden-ubuntu-22.04",
    )
    shared = event(
        pk=2,
        verb=Verb.SHARE_IMAGE,
        recipients=[payments["accountId"]],
        detail={"recipients": [payments]},
    )
    refused = event(
        pk=1,
        verb=Verb.DELETE_IMAGE,
        outcome=AuditEvent.Outcome.REFUSED,
        reason=rules.ImageIsShared.code,
        detail={"recipients": 12},
    )
    return entries([shared, refused], to=account)
