"""The style guide: every component on one page, from the real templates and classes."""

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

from accounts.activity import Activity, read_events
from accounts.actors import Channel
from accounts.audit import Verb
from accounts.forms import ConsoleForm
from accounts.http import ConsoleRequest, close_dialog, get_posted_data
from accounts.middleware import account_optional
from accounts.models import Account, AuditEvent
from images import rules
from images.forms import DescField, NameField
from images.models import Image
from images.views.offers import Action, Offer

TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
SPRITE = settings.BASE_DIR / "static" / "img" / "icons.svg"
LIMIT = 50


class SampleForm(ConsoleForm):
    """A form with one field of each type."""

    name = NameField(label=gettext_lazy("Name"))
    spec = forms.ChoiceField(
        label=gettext_lazy("Instance type"),
        choices=[(spec, spec) for spec in ("bcc.g5.c1m4", "bcc.g5.c2m8", "bcc.g5.c4m16")],
    )
    count = forms.IntegerField(
        label=gettext_lazy("Number of instances"),
        min_value=1,
        max_value=20,
        help_text=gettext_lazy(
            "Creates all or none. Names are numbered when there is more than one."
        ),
    )
    desc = DescField()
    agreed = forms.BooleanField(label=gettext_lazy("I checked this image."))


class DialogForm(ConsoleForm):
    name = NameField(label=gettext_lazy("Name"), attrs={"autofocus": True})


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @account_optional
    @wraps(view)
    def wrapper(request: ConsoleRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request)

    return wrapper


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
        "images": build_samples(),
        "actions": [Action.SHARE, Action.UNSHARE, Action.DELETE],
        "refusal": rules.ImageIsShared(recipients=12),
        "levels": (0, 12, 42, LIMIT),
        "limit": LIMIT,
        "now": timezone.now(),
        "sample_messages": build_messages(),
        "activities": build_timeline(),
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number),
        "tabs": [(_("Custom Images"), 7), (_("Shared Images"), 3), (_("Public Images"), 12)],
    }
    return render(request, "styleguide/page.html", context)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def sample_dialog(request: ConsoleRequest) -> HttpResponse:
    """Show a sample dialog. It changes nothing."""
    form = DialogForm(get_posted_data(request))
    back = reverse("styleguide")
    if form.is_valid():
        message = _("%(name)s was saved.") % form.cleaned_data
        return close_dialog(request, message=message, changed="styleguide:changed", back_to=back)
    layout = "dialog.html" if request.htmx else "styleguide/layout.html"
    context = {"form": form, "layout": layout, "is_dialog": bool(request.htmx), "back": back}
    status = 422 if form.is_bound else 200
    return render(request, "styleguide/dialog.html", context, status=status)


def build_samples() -> list[tuple[Image, int, list[Offer]]]:
    """Return unsaved images, each with its number of recipients and its offers."""
    now = timezone.now()
    creating = Image(
        image_id="m-5tYleC03",
        name="web-frontend-2026-11",
        passing_status="Creating",
        passing_since=now - timedelta(minutes=6),
        settles_at=now + timedelta(minutes=4),
    )
    images = [
        (Image(image_id="m-5tYleC01", name="golden-ubuntu-22.04"), 12),
        (Image(image_id="m-5tYleC02", name="a-name-of-sixty-five-characters" + 34 * "x"), 50),
        (creating, 0),
        (
            Image(
                image_id="m-5tYleC04",
                name="broken",
                settled_status="CreatedFailed",
                failure="import-format",
            ),
            0,
        ),
    ]
    return [(image, recipients, build_offers(recipients)) for image, recipients in images]


def build_offers(recipients: int) -> list[Offer]:
    build_url = partial(reverse, "styleguide-dialog")
    shared = rules.ImageIsShared(recipients=recipients) if recipients else None
    not_shared = None if recipients else rules.ImageIsNotShared()
    return [
        Offer(Action.SHARE, build_url, None),
        Offer(Action.DELETE, build_url, shared),
        Offer(Action.EDIT, build_url, None),
        Offer(Action.UNSHARE, build_url, not_shared),
    ]


def build_messages() -> list[Message]:
    name, undo = "golden-ubuntu-22.04", reverse("styleguide-dialog")
    unshared = _("%(image)s is no longer shared with %(names)s.")
    return [
        Message(messages.SUCCESS, _("%(name)s was saved.") % {"name": name}),
        Message(messages.SUCCESS, unshared % {"image": name, "names": "payments"}, undo),
        Message(messages.ERROR, str(rules.ImageIsShared(recipients=12))),
    ]


def build_timeline() -> list[Activity]:
    """Return two unsaved events as an account reads them."""
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
    return read_events([shared, refused], reader=account)
