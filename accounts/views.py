from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from . import audit, keys, known_browsers, limits, sessions, time_zones, viewing
from .actors import Actor, Channel, get_client_address
from .exceptions import Refused, refuse_if
from .forms import AccessKeyForm, SignInForm, TimeZoneForm, get_allowances
from .http import (
    Confirmation,
    ConsoleRequest,
    HttpResponseSeeOther,
    WayOut,
    close_dialog,
    confirm,
    explain_missing,
    get_posted_data,
    render_dialog,
    set_retry_after,
)
from .middleware import SIGNED_OUT, account_optional, end_view, personal, set_actor
from .models import AccessKey, Account, Role, User
from .once import repeatable, replayed_by
from .roles import RoleNeeded
from .wording import LazyText

# How long after its creation a secret is shown again to a repeated request
REPEAT_PERIOD = timedelta(minutes=1)


class WrongPassword(Refused):
    code = "wrong-password"
    sentence = _("Incorrect username or password.")


def build_session_actor(request: ConsoleRequest, *, user: User | None, name: str) -> Actor:
    """Return the actor of a sign-in or sign-out. `name` is the username as typed."""
    return Actor(
        account=user.account if user else None,
        name=name[:150],
        role=Role(user.role) if user else Role.VIEWER,
        channel=Channel.CONSOLE,
        address=get_client_address(request),
        request_id=request.request_id,
    )


def build_sign_in_context(
    request: HttpRequest, *, refusal: Refused | None = None
) -> dict[str, Any]:
    """Return what the sign-in page offers, and why single sign-on was refused or has ended."""
    ended = (str(each) for each in get_messages(request) if each.extra_tags == SIGNED_OUT)
    return {
        "form": SignInForm(request) if settings.LOCAL_SIGN_IN else None,
        "has_single_sign_on": bool(settings.OIDC_ISSUER),
        "refusal": refusal or next(ended, None),
    }


class SignIn(LoginView):
    """Django's sign-in page, with the outcome audited and a new session every time."""

    request: ConsoleRequest
    authentication_form = SignInForm
    template_name = "registration/login.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**build_sign_in_context(self.request) | context)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.LOCAL_SIGN_IN:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: User = form.get_user()
        sessions.begin(self.request, user)
        own, *others = get_allowances(self.request, user.username)
        limits.forget(own)
        for key in others:
            limits.give_back(key)
        audit.record(
            build_session_actor(self.request, user=user, name=user.username), audit.Verb.SIGN_IN
        )
        response = HttpResponseRedirect(self.get_success_url())
        known_browsers.remember(response, user.username)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        refusal = form.refusal if isinstance(form, SignInForm) else None
        name = form.data.get("username", "").replace("\0", "")
        actor = build_session_actor(self.request, user=None, name=name)
        audit.record(actor, audit.Verb.SIGN_IN, refusal=refusal or WrongPassword())
        response = super().form_invalid(form)
        response.status_code = 422
        if isinstance(refusal, limits.TooManyTries):
            response.status_code = 429
            set_retry_after(response, refusal.retry_after)
        return response


@method_decorator(login_not_required, name="dispatch")
class SignOut(LogoutView):
    """End the session, and clear the browser's cache and storage."""

    request: ConsoleRequest

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            end_view(self.request)
            actor = build_session_actor(self.request, user=request.user, name=request.user.username)
            audit.record(actor, audit.Verb.SIGN_OUT)
        # Drop pending messages, so that the next person to sign in doesn't see them.
        list(get_messages(request))
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def get_keys_url(region: str) -> str:
    return reverse("accounts:access-keys", args=[region])


@personal
@require_safe
def access_keys(request: ConsoleRequest, region: str) -> HttpResponse:
    own_keys = list(AccessKey.objects.owned_by(request.user))
    context = {
        "region_code": region,
        "rows": [(key, keys.against_enabling(key, own_keys)) for key in own_keys],
        "refusal": keys.against_creating(own_keys),
        "active": sum(key.is_active for key in own_keys),
        "active_limit": settings.MAX_ACTIVE_ACCESS_KEYS,
    }
    template = "accounts/accesskey_list.html" + ("#keys" if request.htmx else "")
    return render(request, template, context)


def show_key_again(request: ConsoleRequest, outcome: dict[str, Any]) -> HttpResponse:
    """Respond to a repeated creation: with the secret, if the first response may have been lost."""
    region, key_id = outcome["region"], outcome["key_id"]
    key = AccessKey.objects.owned_by(request.user).filter(key_id=key_id).first()
    if key and timezone.now() - key.created_at < REPEAT_PERIOD:
        return render_new_key(request, region, key, keys.decrypt_secret(key))
    return close_dialog(
        request,
        message=_("Access key %(name)s was created. Its secret can't be shown again.")
        % {"name": key or key_id},
        changed="access-keys:changed",
        back_to=get_keys_url(region),
    )


@personal
@replayed_by(show_key_again)
@require_http_methods(["GET", "HEAD", "POST"])
def create_key(request: ConsoleRequest, region: str) -> HttpResponse:
    """Create an access key. Only this response shows the secret, and its repetitions."""
    form = AccessKeyForm(get_posted_data(request))
    if form.is_valid():
        try:
            key, secret = keys.create(user=request.user, by=request.actor, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            request.outcome = {"region": region, "key_id": key.key_id}
            return render_new_key(request, region, key, secret)
    elif not form.is_bound:
        own_keys = list(AccessKey.objects.owned_by(request.user))
        if refusal := keys.against_creating(own_keys):
            return render_key_refusal(request, region, _("Create access key"), refusal)
    status = 422 if form.is_bound else 200
    return render_dialog(
        request,
        "accounts/accesskey_form.html",
        {"form": form, "back": get_keys_url(region)},
        status=status,
    )


# The unmodified official SDK, with this console as its endpoint
SNIPPET = """\
from baidubce.auth.bce_credentials import BceCredentials
from baidubce.bce_client_configuration import BceClientConfiguration
from baidubce.services.bcc.bcc_client import BccClient

client = BccClient(
    BceClientConfiguration(
        credentials=BceCredentials(
            "{key_id}",
            "{secret}",
        ),
        endpoint="{endpoint}",
    )
)
for image in client.list_images().images:
    print(image.id, image.name)
"""


def render_new_key(
    request: ConsoleRequest, region: str, key: AccessKey, secret: str
) -> HttpResponse:
    endpoint = request.build_absolute_uri("/").rstrip("/")
    snippet = SNIPPET.format(key_id=key.key_id, secret=secret, endpoint=endpoint)
    back = get_keys_url(region)
    context = {"key": key, "secret": secret, "snippet": snippet, "back": back}
    response = render_dialog(request, "accounts/accesskey_created.html", context)
    return trigger_client_event(response, "access-keys:changed")


class KeyChange(NamedTuple):
    """A change of an access key that needs a confirmation."""

    verb: Callable[..., AccessKey | None]
    against: Callable[[AccessKey, list[AccessKey], Actor], Refused | None]
    confirmation: Confirmation
    message: str | LazyText


KEY_CHANGES = {
    "disable": KeyChange(
        keys.disable,
        lambda key, _keys, by: keys.against_revoking(key.user, by) or keys.against_disabling(key),
        Confirmation(
            heading=_("Disable access key"),
            text=_("Requests signed with this key are rejected until you enable it again."),
        ),
        _("Access key %(name)s was disabled."),
    ),
    "enable": KeyChange(
        keys.enable,
        lambda key, all_keys, by: (
            keys.against_acting_as(key.user, by) or keys.against_enabling(key, all_keys)
        ),
        Confirmation(
            heading=_("Enable access key"),
            text=_("Requests signed with this key are accepted again."),
        ),
        _("Access key %(name)s was enabled."),
    ),
    "delete": KeyChange(
        keys.delete,
        lambda key, _keys, by: keys.against_revoking(key.user, by),
        Confirmation(
            heading=_("Delete access key"),
            text=_("This can't be undone. Requests signed with this key are rejected."),
            is_danger=True,
        ),
        _("Access key %(name)s was deleted."),
    ),
}


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def change_key(request: ConsoleRequest, region: str, key_id: str, action: str) -> HttpResponse:
    """Disable, enable or delete a key of a person of the account, after a confirmation."""
    of_account = AccessKey.objects.filter(user__account=request.account)
    key = of_account.filter(key_id=key_id).select_related("user__account").first()
    if key is None:
        raise explain_missing_key(request, region, key_id)
    change = KEY_CHANGES[action]
    back = get_back_url(request, region, key)
    try:
        if request.method == "POST":
            change.verb(key=key, by=request.actor)
            return close_dialog(
                request,
                message=change.message % {"name": key},
                changed="access-keys:changed",
                back_to=back,
            )
        refuse_if(change.against(key, list(AccessKey.objects.owned_by(key.user)), request.actor))
    except keys.NoSuchAccessKey:
        raise explain_missing_key(request, region, key_id) from None
    except Refused as refusal:
        return render_key_refusal(request, region, change.confirmation.heading, refusal, key=key)
    return confirm(request, change.confirmation, subject=key, kind="accesskey", back=back)


def get_back_url(request: ConsoleRequest, region: str, key: AccessKey | None) -> str:
    """Return the page that lists the key: that of its person, for a key of somebody else."""
    if key is None or key.user == request.user:
        return get_keys_url(region)
    return reverse("people:detail", args=[region, key.user_id])


def explain_missing_key(request: ConsoleRequest, region: str, key_id: str) -> Http404:
    way_out = WayOut(_("Access keys"), get_keys_url(region), changed="access-keys:changed")
    return explain_missing(request, key_id, way_out)


def render_key_refusal(
    request: ConsoleRequest,
    region: str,
    heading: str | LazyText,
    refusal: Refused,
    *,
    key: AccessKey | None = None,
) -> HttpResponse:
    if isinstance(refusal, RoleNeeded | keys.NotOwnAccessKey):
        status = 403
    else:
        status = 422 if request.method == "POST" else 200
    back = get_back_url(request, region, key)
    context = {"heading": heading, "refusal": refusal, "accesskey": key, "back": back}
    return render_dialog(request, "accounts/accesskey_refused.html", context, status=status)


@personal
@repeatable
@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: ConsoleRequest, region: str) -> HttpResponse:
    """Store the time zone of this person. The page behind the dialog is loaded again in it."""
    browser = time_zones.get_browser_zone(request)
    form = TimeZoneForm(
        get_posted_data(request),
        browser=browser,
        initial={"time_zone": request.user.time_zone},
    )
    back = reverse("overview", args=[region])
    if not form.is_valid():
        context = {"form": form, "back": back}
        status = 422 if form.is_bound else 200
        return render_dialog(request, "accounts/time_zone_form.html", context, status=status)
    name = form.cleaned_data["time_zone"]
    User.objects.filter(pk=request.user.pk).update(time_zone=name)
    with timezone.override(time_zones.get_zone(name) or browser):
        sentence = gettext("Times are in %(zone)s.") % {"zone": time_zones.describe_current()}
    messages.success(request, sentence)
    return HttpResponseClientRefresh() if request.htmx else HttpResponseSeeOther(back)


@repeatable
@account_optional
@require_POST
def view_as(request: ConsoleRequest, account_id: str) -> HttpResponse:
    """Show the console as another account sees it, until stop_viewing or the sign-out."""
    if not viewing.may_view(request):
        raise PermissionDenied
    account = get_object_or_404(Account, account_id=account_id)
    set_actor(request, Channel.ADMIN)
    viewing.start(request, account, by=request.actor)
    return HttpResponseSeeOther(reverse("home"))


@repeatable
@account_optional
@require_POST
def stop_viewing(request: ConsoleRequest) -> HttpResponse:
    """Return to the page of the account in the administration."""
    account = end_view(request)
    return redirect("admin:accounts_account_change", account.pk) if account else redirect("home")
