"""The admin site for operators."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_noop, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog

from accounts.http import ConsoleRequest
from accounts.middleware import NEW_PASSWORD
from accounts.views import SignOut

from . import cockpit

# Django's texts that our catalog translates differently: one term for each thing, and no space
# between two Chinese words
DJANGO_TEXTS = [
    gettext_noop("Log out"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Delete %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Cannot delete %(name)s"),
    gettext_noop("Add another %(model)s"),
    gettext_noop("Save and add another"),
    gettext_noop("Save and continue editing"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop(
        "First, enter a username and password. Then, you’ll be able to edit more user options."
    ),
    gettext_noop("Enter a username and password."),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("View on site"),
    gettext_noop(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? All of the following related items will be deleted:'  # noqa: E501
    ),
    gettext_noop(
        "Deleting the %(object_name)s '%(escaped_object)s' would result in deleting related objects, but your account doesn't have permission to delete the following types of objects:"  # noqa: E501
    ),
    gettext_noop(
        "Deleting the %(object_name)s '%(escaped_object)s' would require deleting the following protected related objects:"  # noqa: E501
    ),
    gettext_noop("Your password was changed."),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify you typed it in correctly."  # noqa: E501
    ),
    gettext_noop("This account is inactive."),
    gettext_noop("Your old password was entered incorrectly. Please enter it again."),
    gettext_noop("Designates whether the user can log into this admin site."),
    gettext_noop(
        "Designates whether this user should be treated as active. Unselect this instead of deleting accounts."  # noqa: E501
    ),
    gettext_noop(
        "Designates that this user has all permissions without explicitly assigning them."
    ),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be entirely numeric."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
]

# The texts of Django's two-list selector that Django has no Chinese for
SELECTOR_TEXTS = [
    gettext_noop('Choose %s by selecting them and then select the "Choose" arrow button.'),
    gettext_noop("Choose all %s"),
    gettext_noop("Choose selected %s"),
    gettext_noop("Remove selected %s"),
    gettext_noop('Remove %s by selecting them and then select the "Remove" arrow button.'),
    gettext_noop("(click to clear)"),
    gettext_noop("Remove all %s"),
]


# The icons of the models in the navigation
ICONS = {
    "AccessKey": "key",
    "Account": "account",
    "AuditEvent": "activity",
    "Identity": "lock",
    "Image": "image",
    "Instance": "instance",
    "Region": "region",
    "Server": "instance",
    "ShareGrant": "share",
    "User": "account",
}


class ScriptTexts(JavaScriptCatalog):
    """The texts of Django's scripts, with ours for those that Django hasn't translated."""

    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        catalog: dict[str, Any] = super().get_catalog()
        return catalog | {text: gettext(text) for text in SELECTOR_TEXTS}


class OperatorSite(AdminSite):
    """Django admin with the console's own sign-in page, which limits attempts and records them."""

    site_header = site_title = _("BCC Console administration")
    index_title = _("Administration")
    empty_value_display = "–"
    # base_site.html has the navigation
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Add the icon of each model."""
        apps: list[Any] = super().get_app_list(request, app_label)
        for app in apps:
            for model in app["models"]:
                model["icon"] = ICONS.get(model["object_name"], "overview")
        return apps

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the cockpit above the lists."""
        facts = cockpit.build(cast("ConsoleRequest", request))
        return super().index(request, (extra_context or {}) | {"cockpit": facts})

    def i18n_javascript(
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        return cast("HttpResponse", ScriptTexts.as_view()(request))

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Lead an operator on. Who isn't signed in has been led to the page to sign in."""
        if not self.has_permission(request):
            raise PermissionDenied
        address = request.GET.get(REDIRECT_FIELD_NAME, "")
        is_here = url_has_allowed_host_and_scheme(address, {request.get_host()})
        return redirect(address if is_here else "admin:index")

    def password_change(  # type: ignore[override]
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        extra_context: dict[str, object] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Lead to the console's page, which limits guesses and ends the other sessions."""
        return redirect_to_login(reverse("admin:index"), reverse(NEW_PASSWORD))

    def logout(  # type: ignore[override]
        self,
        request: HttpRequest,
        extra_context: dict[str, object] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        return SignOut.as_view()(request)
