"""One form per dialog: what was typed becomes what the verb takes."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.models import AuditEvent

from . import copying, locks, quotas, rules, sharing
from .models import DESC_LENGTH, NAME_PATTERN, NAME_PATTERN_HTML, NAME_RULE, Image, Instance
from .specs import SPECS, Spec

# Line, comma, semicolon or space, in their Chinese forms too, and what spreadsheets leave behind.
SEPARATORS = re.compile(r"[\s,;，；、\u200b\ufeff]+")
# More than anybody means to share with; a longer list is not looked up at all.
MAX_ENTRIES = 500


class ImageFilter(forms.Form):
    """The query of the Image List; what cannot be understood filters nothing."""

    q = forms.CharField(label=_("Name or ID"), required=False, max_length=65)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Image.Status.choices]
    )
    os = forms.ChoiceField(
        label=_("Operating system"),
        required=False,
        choices=[("", _("Any system")), *Image.OsType.choices],
    )
    shared = forms.ChoiceField(
        label=_("Sharing"),
        required=False,
        choices=[("", _("Shared or not")), ("yes", _("Shared")), ("no", _("Not shared"))],
    )


class EntriesForm(forms.Form):
    """The list of accounts as it is typed."""

    accounts = forms.CharField(
        label=_("Accounts"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "Baidu account, cloud account or user ID, separated by line, comma, semicolon or space."
        ),
        error_messages={"required": _("Enter at least one account.")},
    )

    def clean_accounts(self) -> str:
        text: str = self.cleaned_data["accounts"]
        count = len(split(text))
        if not count:
            raise ValidationError(_("Enter at least one account."), code="required")
        if count > MAX_ENTRIES:
            raise ValidationError(
                _("These are %(count)d entries; at most %(limit)d can be checked at once."),
                code="too-many",
                params={"count": count, "limit": MAX_ENTRIES},
            )
        return text

    @property
    def entries(self) -> list[str]:
        """The entries that can be looked up: none before a list is sent, or while it is refused."""
        return split(self.cleaned_data.get("accounts", "")) if self.is_bound else []


class ShareForm(EntriesForm):
    acknowledged = forms.BooleanField(
        label=_("I have checked this image, and I answer for what it gives away."),
        error_messages={"required": _("Confirm that the image was checked before it is shared.")},
    )


def split(text: str) -> list[str]:
    return [entry for entry in SEPARATORS.split(text) if entry]


class Ticked(forms.MultipleChoiceField):
    """Whatever was ticked: the verb judges it."""

    def valid_value(self, value: str) -> bool:  # noqa: ARG002
        return True


class UnshareForm(forms.Form):
    recipients = Ticked(error_messages={"required": _("Choose at least one account.")})


class TextField(forms.CharField):
    """Text of several lines, whose line ends count as one character, as browsers count them."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class NameField(forms.CharField):
    """A name by BCC's rule, which the browser checks while it is typed."""

    def __init__(self, **options: Any) -> None:
        attrs = {
            "autocomplete": "off",
            "spellcheck": "false",
            "placeholder": " ",  # by which the style knows that something was typed
            "pattern": NAME_PATTERN_HTML,
            "title": NAME_RULE,
        }
        super().__init__(
            max_length=65,
            help_text=NAME_RULE,
            validators=[RegexValidator(NAME_PATTERN, _("This name does not follow the rule."))],
            widget=forms.TextInput(attrs=attrs | options.pop("attrs", {})),
            **options,
        )


class DescField(TextField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Description"),
            max_length=DESC_LENGTH,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
        )


class EditForm(forms.Form):
    name = NameField(label=_("Name"), attrs={"autofocus": True})
    desc = DescField()


class CreateImageForm(forms.Form):
    instance = forms.CharField(
        label=_("Source instance"),
        error_messages={"required": _("Choose the instance to make an image of.")},
    )
    name = NameField(label=_("Name"))
    desc = DescField()


class CopyForm(forms.Form):
    regions = Ticked(
        label=_("Target regions"), error_messages={"required": _("Choose at least one region.")}
    )
    name = NameField(label=_("Name of the copy"))


class InstanceFilter(forms.Form):
    """The query of the Instances page; what cannot be understood filters nothing."""

    q = forms.CharField(label=_("Name or ID"), required=False, max_length=65)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any status")), *Instance.Status.choices],
    )


# What there is to filter by: the verbs of one account's people, and of operators
VERBS = [
    (_("Images"), ("image",)),
    (_("Instances"), ("instance",)),
    (_("Access keys"), ("access-key",)),
    (_("Account"), ("session", "account", "record")),
]


def verb_choices() -> list[Any]:
    """Every verb that an account meets in its activity, by what it is about."""
    met = [verb for verb in Verb if verb is not Verb.ROTATE_KEYS]
    groups = [
        (label, [(v.value, v.label) for v in met if v.value.split(".")[0] in kinds])
        for label, kinds in VERBS
    ]
    return [("", _("Anything done")), *groups]


class Day(forms.DateInput):
    """A day as browsers write it, whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ActivityFilter(forms.Form):
    """The query of the Activity page; what cannot be understood filters nothing."""

    image = forms.CharField(
        label=_("Image or instance"),
        required=False,
        max_length=65,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name or ID"), "aria-keyshortcuts": "/"}
        ),
    )
    verb = forms.ChoiceField(label=_("What was done"), required=False, choices=verb_choices)
    account = forms.CharField(
        label=_("Other account"),
        required=False,
        max_length=sharing.LONGEST_IDENTIFIER,
        widget=forms.TextInput(attrs={"placeholder": _("Account or ID"), "autocomplete": "off"}),
    )
    result = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[("", _("Any result")), *AuditEvent.Outcome.choices],
    )
    since = forms.DateField(label=_("From (UTC)"), required=False, widget=Day)
    until = forms.DateField(label=_("To (UTC)"), required=False, widget=Day)


class SeenForm(forms.Form):
    until = forms.DateTimeField()


class ReinstallForm(forms.Form):
    """An image, and how one signs in to what it becomes."""

    image = forms.CharField(error_messages={"required": _("Choose an image.")})
    login = forms.ChoiceField(
        choices=[("password", "password"), ("image", "image")], initial="password"
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        help_text=rules.LOGIN_RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    @property
    def new_password(self) -> str | None:
        """The password to set, or None to keep the image's login."""
        data = self.cleaned_data
        return None if data["login"] == "image" else data["password"]


def spec_choices() -> list[tuple[str, str]]:
    return [(name, f"{name} – {size(spec)}") for name, spec in SPECS.items()]


def size(spec: Spec) -> str:
    sentence = ngettext(
        "%(cpu)d core, %(memory)d GB", "%(cpu)d cores, %(memory)d GB", spec.cpu_count
    )
    return sentence % {"cpu": spec.cpu_count, "memory": spec.memory_gb}


class CreateInstanceForm(ReinstallForm):
    spec = forms.ChoiceField(label=_("Spec"), choices=spec_choices, initial="bcc.g5.c2m8")
    system_disk_gb = forms.IntegerField(
        label=_("System disk (GB)"),
        required=False,
        min_value=1,
        help_text=_("Leave it empty for the smallest that the image allows."),
    )
    name = NameField(label=_("Name"))
    count = forms.IntegerField(
        label=_("Count"),
        min_value=1,
        max_value=rules.MAX_BATCH,
        initial=1,
        help_text=_("All of them or none. More than one are numbered."),
    )


# The field that a refusal is about, where a form has it
FIELDS: dict[str, set[type[Refused]]] = {
    "image": {locks.NoSuchImage, rules.ImageNotAvailable, rules.DiskRefused},
    "login": {rules.NoLoginToKeep},
    "password": {rules.InvalidPassword},
    "system_disk_gb": {rules.DiskRefused},
    "count": {rules.BatchRefused},
    "name": {rules.InvalidName, rules.NumberedNameTooLong, quotas.CustomImageQuotaExceeded},
    "instance": {locks.NoSuchInstance, rules.InstanceNotSettled},
    "regions": {
        copying.NoSuchRegion,
        rules.SameRegion,
        rules.NoRegions,
        quotas.CustomImageQuotaExceeded,
    },
}


def show(refusal: Refused, form: forms.Form) -> None:
    """Say a refusal beside the field that it is about. Raises it where the form has none."""
    about = [name for name, kinds in FIELDS.items() if type(refusal) in kinds]
    fields = [name for name in about if name in form.fields]
    if not fields:
        raise refusal
    form.add_error(fields[-1], str(refusal))
