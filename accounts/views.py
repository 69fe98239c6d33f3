from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from . import audit, keys, limits
from .actors import Actor, Channel, client_address
from .exceptions import Refused, require
from .forms import AccessKeyForm, SignInForm, attempt_keys
from .http import ConsoleRequest, dialog, done, posted
from .middleware import SIGNED_IN_AT
from .models import AccessKey, User
from .wording import LazyText


class WrongPassword(Refused):
    code = "wrong-password"
    sentence = _("The username or the password is wrong.")


def person(request: HttpRequest, *, user: User | None, name: str) -> Actor:
    """Who stands at the door: `name` is what was typed when nobody is signed in."""
    return Actor(
        account=user.account if user else None,
        name=name[:150],
        channel=Channel.CONSOLE,
        address=client_address(request),
        request_id=request.request_id,  # type: ignore[attr-defined]
    )


class SignIn(LoginView):
    """Django's sign-in page with its outcome audited; the session is a new one every time."""

    authentication_form = SignInForm
    template_name = "registration/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: User = form.get_user()
        login(self.request, user)
        # Django keeps the session key when the same person signs in again.
        self.request.session.cycle_key()
        self.request.session[SIGNED_IN_AT] = int(timezone.now().timestamp())
        by_name, by_address = attempt_keys(self.request, user.username)
        limits.forget(by_name)
        limits.give_back(by_address)
        audit.record(person(self.request, user=user, name=user.username), audit.Verb.SIGN_IN)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        too_many = form.too_many if isinstance(form, SignInForm) else None
        name = form.data.get("username", "").replace("\0", "")
        by = person(self.request, user=None, name=name)
        audit.record(by, audit.Verb.SIGN_IN, refusal=too_many or WrongPassword())
        response = super().form_invalid(form)
        response.status_code = 429 if too_many else 422
        return response


@method_decorator(login_not_required, name="dispatch")
class SignOut(LogoutView):
    """End the session here and on the server; the browser forgets what it kept of it."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            by = person(request, user=request.user, name=request.user.username)
            audit.record(by, audit.Verb.SIGN_OUT)
        # What was last said to this person is not for who signs in next.
        list(get_messages(request))
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def back() -> str:
    return reverse("accounts:access-keys")


@require_safe
def access_keys(request: ConsoleRequest) -> HttpResponse:
    own = list(AccessKey.objects.owned_by(request.user))
    context = {
        "rows": [(key, keys.against_enabling(key, own)) for key in own],
        "refusal": keys.against_issuing(own),
        "active": sum(key.is_active for key in own),
        "active_limit": settings.MAX_ACTIVE_ACCESS_KEYS,
    }
    template = "accounts/accesskey_list.html" + ("#keys" if request.htmx else "")
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def create_key(request: ConsoleRequest) -> HttpResponse:
    """Make an access key. The answer itself shows the secret, which no other one ever does."""
    form = AccessKeyForm(posted(request))
    if form.is_valid():
        try:
            key, secret = keys.issue(user=request.user, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return created(request, key, secret)
    elif not form.is_bound:
        own = list(AccessKey.objects.owned_by(request.user))
        if against := keys.against_issuing(own):
            return refused(request, _("Create access key"), against)
    status = 422 if form.is_bound else 200
    return dialog(
        request, "accounts/accesskey_form.html", {"form": form, "back": back()}, status=status
    )


# The official SDK as it is, with this console instead of Baidu's
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


def created(request: ConsoleRequest, key: AccessKey, secret: str) -> HttpResponse:
    endpoint = request.build_absolute_uri("/").rstrip("/")
    snippet = SNIPPET.format(key_id=key.key_id, secret=secret, endpoint=endpoint)
    context = {"key": key, "secret": secret, "snippet": snippet, "back": back()}
    response = dialog(request, "accounts/accesskey_created.html", context)
    return trigger_client_event(response, "access-keys:changed")


class KeyChange(NamedTuple):
    """What is done to a key after asking whether one is sure."""

    verb: Callable[..., AccessKey | None]
    against: Callable[[AccessKey, list[AccessKey]], Refused | None]
    label: str | LazyText
    consequence: str | LazyText
    told: str | LazyText


KEY_CHANGES = {
    "disable": KeyChange(
        keys.disable,
        lambda key, _own: keys.against_disabling(key),
        _("Disable"),
        _("Requests signed with it are refused from now on, until you enable it again."),
        _("The access key %(name)s was disabled."),
    ),
    "enable": KeyChange(
        keys.enable,
        keys.against_enabling,
        _("Enable"),
        _("Requests signed with it are answered again."),
        _("The access key %(name)s was enabled."),
    ),
    "delete": KeyChange(
        keys.delete,
        lambda _key, _own: None,
        _("Delete"),
        _("This cannot be undone. Requests signed with it are refused from now on."),
        _("The access key %(name)s was deleted."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change_key(request: ConsoleRequest, key_id: str, action: str) -> HttpResponse:
    """Ask whether one is sure to disable, enable or delete a key; then do it."""
    own = list(AccessKey.objects.owned_by(request.user).select_related("user__account"))
    key = next((each for each in own if each.key_id == key_id), None)
    if key is None:
        raise Http404
    what = KEY_CHANGES[action]
    try:
        if request.method == "POST":
            what.verb(key=key, by=request.actor)
            return done(
                request,
                message=what.told % {"name": key},
                changed="access-keys:changed",
                back_to=back(),
            )
        require(what.against(key, own))
    except keys.NoSuchAccessKey:
        raise Http404 from None
    except Refused as refusal:
        return refused(request, what.label, refusal, key=key)
    context = {"key": key, "action": action, "what": what, "back": back()}
    return dialog(request, "accounts/accesskey_change.html", context)


def refused(
    request: ConsoleRequest,
    heading: str | LazyText,
    refusal: Refused,
    *,
    key: AccessKey | None = None,
) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    context = {"heading": heading, "refusal": refusal, "key": key, "back": back()}
    return dialog(request, "accounts/accesskey_refused.html", context, status=status)
