from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    PasswordChangeForm,
    SetPasswordForm,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import known_browsers, limits, time_zones
from .actors import get_client_network
from .closed import against_closed
from .exceptions import Refused
from .hashers import Busy
from .models import KEY_DESCRIPTION_LENGTH, Role, User
from .wording import LazyText

# The console's sentences for what a field refuses, by kind of field
SENTENCES: Mapping[type[forms.Field], Mapping[str, LazyText]] = {
    forms.Field: {"required": _("Fill in this field.")},
    forms.CharField: {
        "max_length": _("Enter at most %(limit_value)d characters. You entered %(show_value)d."),
        "null_characters_not_allowed": _("Remove the characters that can't be stored."),
    },
    forms.IntegerField: {
        "invalid": _("Enter a whole number, such as 3."),
        "min_value": _("Enter %(limit_value)d or more."),
        "max_value": _("Enter %(limit_value)d or less."),
    },
    forms.DateField: {"invalid": _("Enter a date, such as 2026-01-31.")},
    forms.ChoiceField: {
        "required": _("Select an option."),
        "invalid_choice": _("Select an option from the list."),
    },
    forms.BooleanField: {"required": _("Select the box to continue.")},
}


def get_sentences(field: forms.Field) -> dict[str, Any]:
    """Return the sentences of a field: its own ones, then those of its kind, then Django's."""
    of_django: dict[str, Any] = {}
    of_console: dict[str, Any] = {}
    for each in reversed(type(field).__mro__):
        of_django |= getattr(each, "default_error_messages", {})
        of_console |= SENTENCES.get(each, {})
    messages = field.error_messages
    own = {code: text for code, text in messages.items() if text is not of_django.get(code)}
    return messages | of_console | own


class ConsoleForm(forms.Form):
    """A form that refuses in the words of the console, beside its fields."""

    retry_after = 0  # that of the refusal that it shows (Refused.retry_after)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.error_messages = get_sentences(field)


def add_refusal(form: forms.BaseForm, refusal: Refused, *, sentence: str = "") -> bool:
    """Show a refusal beside the field it is about. Return False if the form has no such field.

    `sentence` says more than the refusal does.
    """
    field = next((name for name in refusal.fields if name in form.fields), None)
    if field is None:
        return False
    form.add_error(field, ValidationError(sentence or str(refusal), code=refusal.code))
    if isinstance(form, ConsoleForm):
        form.retry_after = refusal.retry_after
    return True


def get_allowances(request: HttpRequest, username: str) -> dict[str, tuple[int, int]]:
    """Return the allowances that a sign-in attempt counts against, by key.

    The first is the person's own one, which a successful sign-in resets, the last that of the
    address. In a browser where the person signed in before there is no other, so that strangers
    can't use it up.
    """
    name, network = username.lower(), get_client_network(request)
    if browser := known_browsers.find(request, username):
        return {f"sign-in:browser:{browser}:{name}": settings.SIGN_IN_ATTEMPTS_PER_NAME}
    return {
        f"sign-in:name:{network}:{name}": settings.SIGN_IN_ATTEMPTS_PER_NAME,
        f"sign-in:name:{name}": settings.SIGN_IN_ATTEMPTS_PER_NAME_ANYWHERE,
        f"sign-in:address:{network}": settings.SIGN_IN_ATTEMPTS_PER_ADDRESS,
    }


class SignInForm(ConsoleForm, AuthenticationForm):
    """Username and password, with attempts limited by name and by address.

    An attempt is counted before the password is checked. So twenty parallel attempts count as
    twenty, and a blocked name is refused even with the right password.
    """

    # Why the sign-in was refused, unless the username or the password is wrong
    refusal: Refused | None = None

    def get_invalid_login_error(self) -> ValidationError:
        """Return the sentence that the audit trail has too."""
        return ValidationError(_("Incorrect username or password."), code="invalid_login")

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if not (username and self.request):
            return super().clean()
        allowances = get_allowances(self.request, username)
        *names, address = allowances.items()
        try:
            # The address first: once it is used up, made-up names add no rows.
            for key, allowance in (address, *names):
                limits.spend(key, allowance=allowance)
            return super().clean()
        except limits.TooManyTries as refusal:
            self.refuse(refusal)
        except Busy:
            for key in allowances:
                limits.give_back(key)
            raise

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse people of a closed account, and too many sessions: each adds rows.

        After the right password only.
        """
        super().confirm_login_allowed(user)
        if refusal := against_closed(user.account):
            self.refuse(refusal)
        try:
            key = f"sign-in:person:{user.pk}"
            limits.spend(key, allowance=settings.SIGN_INS_PER_PERSON)
        except limits.TooManyTries as refusal:
            self.refuse(refusal)

    def refuse(self, refusal: Refused) -> NoReturn:
        self.refusal = refusal
        raise ValidationError(str(refusal), code=refusal.code) from refusal


class NewPasswordForm(ConsoleForm, SetPasswordForm):
    """Django's form for a new password, in the words of the console."""

    error_messages = {
        "password_mismatch": _("The passwords are different. Enter the same one twice.")
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        password, again = self.fields["new_password1"], self.fields["new_password2"]
        password.label = _("New password")
        password.help_text = _(
            "At least 8 characters, not only digits, not a common password or like the username."
        )
        password.widget.attrs["autofocus"] = True
        again.label = _("New password again")
        again.help_text = ""


class WrongCurrentPassword(Refused):
    code = "wrong-current-password"
    sentence = _("This isn't your current password.")


class SamePassword(Refused):
    code = "same-password"
    sentence = _("Choose a password that differs from the current one.")


class PasswordForm(NewPasswordForm, PasswordChangeForm):
    """The current password and a new one, twice. Guesses of the current one are limited.

    `refusal` is why the current password was not accepted, for the audit trail.
    """

    refusal: Refused | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["old_password"].label = _("Current password")
        del self.fields["new_password1"].widget.attrs["autofocus"]

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        key = f"password:{self.user.pk}"
        try:
            limits.spend(key, allowance=settings.SIGN_IN_ATTEMPTS_PER_NAME)
            if not self.user.check_password(password):
                raise WrongCurrentPassword
        except Refused as refusal:
            self.refusal = refusal
            raise ValidationError(str(refusal), code=refusal.code) from refusal
        limits.forget(key)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            self.add_error("new_password1", str(SamePassword()))
        return cleaned


class OperatorPasswordForm(AdminPasswordChangeForm):
    """Django's form, whose own text isn't translated: it is put together at import."""

    usable_password_help_text = _(  # type: ignore[assignment]
        "Disabled: the person can't sign in with a password, and the current one is deleted."
    )


class AccessKeyForm(ConsoleForm):
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=KEY_DESCRIPTION_LENGTH,
        help_text=_("What uses this key, such as a pipeline or a server."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class RoleForm(ConsoleForm):
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        help_text=User._meta.get_field("role").help_text,
    )


class PersonForm(RoleForm):
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        help_text=_("Letters, digits and @ . + - _. No two people have the same username."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    field_order = ("username", "role")


def get_zone_choices(browser: ZoneInfo | None) -> list[Any]:
    """Return the browser's zone, then UTC and every zone, in areas."""
    label = gettext("Browser's time zone")
    if browser:
        label = gettext("Browser's time zone: %(zone)s") % {"zone": time_zones.describe(browser)}
    areas = [
        (area, [(zone.key, time_zones.describe(zone)) for zone in zones])
        for area, zones in time_zones.get_zones_by_area().items()
    ]
    return [("", label), ("UTC", "UTC"), *areas]


class ZoneSelect(forms.Select):
    """A list of time zones. Their names are English in every language."""

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **options)
        if value:
            option["attrs"]["lang"] = "en"
        return option


class TimeZoneForm(ConsoleForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=ZoneSelect)

    def __init__(self, *args: Any, browser: ZoneInfo | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        field.choices = get_zone_choices(browser)  # type: ignore[attr-defined]


class DayInput(forms.DateInput):
    """A date input with the ISO format that browsers require in every language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Show a text that is no date as text. A date input would be empty."""
        context = super().get_context(name, value, attrs)
        if isinstance(value, str) and parse_day(value) is None:
            context["widget"]["type"] = "text"
        return context


def parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # February 30
        return None


class DayField(forms.DateField):
    """A day of the ISO calendar. The form sets the label, which names the time zone."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=DayInput, input_formats=["%Y-%m-%d"])


class PeriodForm(ConsoleForm):
    """A period in days. Invalid values show an error and filter nothing."""

    since = DayField()
    until = DayField()

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        self.zone = get_zone_of_days(query)
        zone = {"zone": self.zone_name}
        self.fields["since"].label = gettext("From (%(zone)s)") % zone
        self.fields["until"].label = gettext("To (%(zone)s)") % zone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("Enter a date that isn't before the first one."))
        return data

    @property
    def zone_name(self) -> str:
        return time_zones.get_name(self.zone)

    @property
    def begin(self) -> datetime | None:
        """Return the first moment of the first day. The form must be cleaned."""
        day = self.cleaned_data.get("since")
        return day and datetime.combine(day, time.min, self.zone)

    @property
    def end(self) -> datetime | None:
        """Return the last moment of the last day, the second one if the clocks were set back."""
        day = self.cleaned_data.get("until")
        return day and datetime.combine(day, time.max.replace(fold=1), self.zone)


def get_zone_of_days(query: QueryDict) -> tzinfo:
    """Return the zone of the days in the query: that of the page they were entered on.

    The page may not have known the browser's zone yet. Without days it is the reader's zone.
    """
    has_days = query.get("since") or query.get("until")
    zone = time_zones.get_zone(query.get("zone", "")) if has_days else None
    return zone or timezone.get_current_timezone()
