"""One form per dialog: what was typed becomes what the verb takes."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from .models import DESC_LENGTH, NAME_PATTERN, NAME_RULE, Image

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


class EditForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=65,
        help_text=NAME_RULE,
        validators=[RegexValidator(NAME_PATTERN, _("This name does not follow the rule."))],
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    desc = TextField(
        label=_("Description"),
        max_length=DESC_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
