"""Forms of the dialogs and filters. They turn input into the arguments of verbs."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.audit import Verb
from accounts.forms import ConsoleForm, PeriodForm
from accounts.models import AuditEvent
from accounts.wording import join_names

from . import rules, sharing
from .entries import Reading, read
from .instances import Order, number_names
from .models import DESC_LENGTH, NAME_PATTERN, NAME_PATTERN_HTML, NAME_RULE, Image, Instance
from .specs import SPECS, Spec

# More than anybody needs. A longer list is not looked up.
MAX_ENTRIES = 500
TOO_LONG = _("This list is too long to read. Enter at most %(limit)d accounts at a time.")


class ImageFilter(ConsoleForm):
    """The query of the Image List. Invalid values are ignored."""

    q = forms.CharField(label=_("Name or ID"), required=False, max_length=65)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All statuses")), *Image.Status.choices]
    )
    os = forms.ChoiceField(
        label=_("Operating system"),
        required=False,
        choices=[("", _("All systems")), *Image.OsType.choices],
    )
    shared = forms.ChoiceField(
        label=_("Sharing"),
        required=False,
        choices=[("", _("Shared or not")), ("yes", _("Shared")), ("no", _("Not shared"))],
    )


class ColumnField(forms.IntegerField):
    """The index of a column. An invalid one is ignored."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> int | None:
        try:
            return cast("int | None", super().clean(value))
        except ValidationError:
            return None


class EntriesForm(ConsoleForm):
    """The list of accounts as typed or pasted, and the column to read if it is a table."""

    accounts = forms.CharField(
        label=_("Accounts"),
        strip=False,  # a tab at the start is an empty cell
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "Baidu accounts, cloud accounts or user IDs (account IDs), separated by "
            "commas, semicolons, spaces or line breaks."
        ),
        error_messages={"required": _("Enter at least one account.")},
    )
    column = ColumnField(required=False)

    def __init__(self, *args: Any, reading: Reading | None = None, **options: Any) -> None:
        """Take the `reading` of the text, if it was read already."""
        super().__init__(*args, **options)
        if reading:
            self.reading = reading

    def clean(self) -> dict[str, Any]:
        if "accounts" not in self.cleaned_data:
            return self.cleaned_data
        if self.reading.is_too_long:
            sentence = TOO_LONG % {"limit": MAX_ENTRIES}
            self.add_error("accounts", ValidationError(sentence, code="too-long"))
        elif not self.reading.texts:
            required = ValidationError(_("Enter at least one account."), code="required")
            self.add_error("accounts", required)
        elif len(self.reading.texts) > MAX_ENTRIES:
            self.add_error("accounts", ValidationError(describe(self.reading), code="too-many"))
        return self.cleaned_data

    @cached_property
    def reading(self) -> Reading:
        """Return how the text is read, even if it is refused. An unbound form has none."""
        column, headings = self.sent_column, self.data.get("headings")
        reading = read(self.text, column=column)
        is_other = reading.table and headings not in {None, reading.table.key}
        return read(self.text) if column is not None and is_other else reading

    @property
    def text(self) -> str:
        return self.data.get("accounts") or ""

    @property
    def sent_column(self) -> int | None:
        column: int | None = self.fields["column"].clean(self.data.get("column"))
        return column

    @property
    def chosen_column(self) -> int | None:
        """Return the selected column, unless that was in another table, which `headings` tells."""
        table, headings = self.reading.table, self.data.get("headings")
        is_other = table and headings not in {None, table.key}
        return None if is_other else self.sent_column

    @property
    def column_heading(self) -> str:
        """Return the heading of the column that was read, if there are others to choose."""
        table = self.reading.table
        return table.heading if table and table.left_out else ""

    @property
    def entries(self) -> Sequence[str]:
        """Return the entries to look up. Empty if the form is unbound or the list is invalid."""
        if not self.is_bound or self.has_error("accounts"):
            return []
        return self.reading.texts


def describe(reading: Reading) -> str:
    """Return a sentence about what was read of a list that is too long, and how."""
    facts = {"count": len(reading.texts), "limit": MAX_ENTRIES}
    table = reading.table
    if table is None:
        return _("You entered %(count)d accounts. Enter at most %(limit)d at a time.") % facts
    columns, rows = len(table.headings), table.rows
    size = [
        ngettext("%(number)d column", "%(number)d columns", columns) % {"number": columns},
        ngettext("%(number)d row", "%(number)d rows", rows) % {"number": rows},
    ]
    sentence = _(
        "Read %(count)d accounts from column %(column)s (%(size)s). "
        "Enter at most %(limit)d at a time."
    )
    return sentence % {"column": table.heading, "size": join_names(size), **facts}


class ShareForm(EntriesForm):
    acknowledged = forms.BooleanField(
        label=_("I checked this image and accept responsibility for its contents."),
        error_messages={"required": _("Confirm that you checked this image.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        shown = self.data.get("column_shown")
        if shown is not None and shown != self.data.get("column"):
            sentence = _("The column changed. Check its accounts, then select OK.")
            self.add_error(None, ValidationError(sentence, code="column-changed"))
        return data


class DraftForm(ShareForm):
    """The Share form before it is sent. The box needs no tick yet."""

    acknowledged = forms.BooleanField(
        label=ShareForm.base_fields["acknowledged"].label, required=False
    )


class AnyChoiceField(forms.MultipleChoiceField):
    """Accepts any values, because the verb checks them."""

    def valid_value(self, value: str) -> bool:  # noqa: ARG002
        return True


class UnshareForm(ConsoleForm):
    recipients = AnyChoiceField(error_messages={"required": _("Select at least one account.")})


class TextField(forms.CharField):
    """Multi-line text. A line break counts as one character, as in browsers."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class NameField(forms.CharField):
    """A name that follows BCC's rule. The browser checks it during typing."""

    def __init__(self, **options: Any) -> None:
        attrs = {
            "autocomplete": "off",
            "spellcheck": "false",
            "placeholder": " ",  # for :placeholder-shown in forms.css
            "pattern": NAME_PATTERN_HTML,
            "title": NAME_RULE,
        }
        super().__init__(
            max_length=65,
            help_text=NAME_RULE,
            validators=[
                RegexValidator(NAME_PATTERN, _("Enter a name that follows the rule above."))
            ],
            widget=forms.TextInput(attrs=attrs | options.pop("attrs", {})),
            error_messages={"required": _("Enter a name.")},
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


class EditForm(ConsoleForm):
    name = NameField(label=_("Name"), attrs={"autofocus": True})
    desc = DescField()


class CreateImageForm(ConsoleForm):
    instance = forms.CharField(
        label=_("Source instance"),
        error_messages={"required": _("Select a source instance.")},
    )
    name = NameField(label=_("Name"))
    desc = DescField()


class CopyForm(ConsoleForm):
    regions = AnyChoiceField(
        label=_("Target regions"), error_messages={"required": _("Select at least one region.")}
    )
    name = NameField(label=_("Name of the copy"))


class InstanceFilter(ConsoleForm):
    """The query of the Instances page. Invalid values are ignored."""

    q = forms.CharField(label=_("Name or ID"), required=False, max_length=65)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All statuses")), *Instance.Status.choices],
    )


# The groups of the action filter, and the first part of their verbs' codes
VERB_GROUPS = [
    (_("Images"), ("image",)),
    (_("Instances"), ("instance",)),
    (_("Access keys"), ("access-key",)),
    (_("Account"), ("session", "account", "record")),
]


def get_verb_choices() -> list[Any]:
    """Return every verb that can appear in an account's activity, in groups."""
    verbs = [verb for verb in Verb if verb is not Verb.ROTATE_KEYS]
    groups = [
        (label, [(v.value, v.label) for v in verbs if v.value.split(".")[0] in prefixes])
        for label, prefixes in VERB_GROUPS
    ]
    return [("", _("All actions")), *groups]


class ActivityFilter(PeriodForm):
    """The query of the Activity page. Invalid values show an error and filter nothing."""

    image = forms.CharField(
        label=_("Resource"),
        required=False,
        max_length=65,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name or ID"), "aria-keyshortcuts": "/"}
        ),
    )
    verb = forms.ChoiceField(label=_("Action"), required=False, choices=get_verb_choices)
    account = forms.CharField(
        label=_("Other account"),
        required=False,
        max_length=sharing.LONGEST_IDENTIFIER,
        widget=forms.TextInput(attrs={"placeholder": _("Name or ID"), "autocomplete": "off"}),
    )
    result = forms.ChoiceField(
        label=_("Result"),
        required=False,
        choices=[("", _("All results")), *AuditEvent.Outcome.choices],
    )
    sign_ins = forms.BooleanField(label=_("Show sign-ins"), required=False)

    field_order = ("image", "verb", "account", "result", "since", "until", "sign_ins")

    @property
    def shows_sign_ins(self) -> bool:
        is_asked = self.cleaned_data.get("verb", "").startswith("session.")
        return is_asked or bool(self.cleaned_data.get("sign_ins"))


class MarkReadForm(ConsoleForm):
    until = forms.DateTimeField()


class ReinstallForm(ConsoleForm):
    """An image, and the login of the instance."""

    image = forms.CharField(error_messages={"required": _("Select an image.")})
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
        """Return the password to set, or None to keep the image's login."""
        data = self.cleaned_data
        return None if data["login"] == "image" else data["password"]


def get_spec_choices() -> list[tuple[str, str]]:
    return [(name, f"{name} – {describe_size(spec)}") for name, spec in SPECS.items()]


def describe_size(spec: Spec) -> str:
    sentence = ngettext(
        "%(cpu)d core, %(memory)d GB", "%(cpu)d cores, %(memory)d GB", spec.cpu_count
    )
    return sentence % {"cpu": spec.cpu_count, "memory": spec.memory_gb}


class CreateInstanceForm(ReinstallForm):
    spec = forms.ChoiceField(
        label=_("Instance type"), choices=get_spec_choices, initial="bcc.g5.c2m8"
    )
    system_disk_gb = forms.IntegerField(
        label=_("System disk (GB)"),
        required=False,
        min_value=1,
        help_text=_("Leave blank for the image's minimum."),
    )
    name = NameField(label=_("Name"))
    count = forms.IntegerField(
        label=_("Number of instances"),
        min_value=1,
        max_value=rules.MAX_BATCH,
        initial=1,
        error_messages={"required": _("Enter how many instances to create.")},
        help_text=_("Creates all or none. Names are numbered when there is more than one."),
    )

    def get_order(self) -> Order:
        """Return the order. The form must be valid."""
        data = self.cleaned_data
        return Order(
            spec=SPECS[data["spec"]],
            names=number_names(data["name"], data["count"]),
            password=self.new_password,
            system_disk_gb=data["system_disk_gb"],
        )


def get_status(form: ConsoleForm) -> int:
    """Return the HTTP status of a page with this form: 429 over the rate limit, 422 or 200."""
    if form.retry_after:
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
