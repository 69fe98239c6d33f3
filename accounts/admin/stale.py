"""Refuse a form that was opened before somebody else's change of the same object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils.choices import flatten_choices
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from .. import audit
from ..models import AuditEvent
from ..wording import join_names

SALT = "accounts.admin.stale"
SEPARATOR = ","
# The verbs that change the fields of these forms
CHANGES = [
    *(audit.Verb.CHANGE, audit.Verb.CHANGE_ROLE, audit.Verb.MOVE_PERSON),
    *(audit.Verb.DEACTIVATE_PERSON, audit.Verb.REACTIVATE_PERSON),
]


class CheckedForm(forms.ModelForm):
    """A form that carries the values that it showed, signed. A POST compares them under a row lock.

    A value that somebody else changed is told beside its field. If the person changed it too, the
    field keeps what they typed, otherwise it has the new value. The refused form carries the new
    values, so that saving it again is a decision.
    """

    get_target: Callable[[Model], audit.Target]

    def __init__(
        self, data: Any = None, files: Any = None, *, instance: Model, **options: Any
    ) -> None:
        if data is not None:
            rows = instance._meta.base_manager.select_for_update(no_key=True)
            get_object_or_404(rows, pk=instance.pk)
            instance.refresh_from_db()
        super().__init__(data, files, instance=instance, **options)
        # Saving would overwrite these. A field that is off, such as a password's hash, isn't saved.
        self.current = {
            name: to_text(self.initial.get(name))
            for name, field in self.fields.items()
            if not field.disabled
        }

    @property
    def shown(self) -> str:
        """Return the values that the page shows, to be posted with it."""
        return signing.dumps([self.instance.pk, self.current], salt=SALT)

    def clean(self) -> dict[str, Any]:
        super().clean()
        typed = {name: to_text(value) for name, value in self.cleaned_data.items()}
        shown = self.read_shown()
        changed = [
            name
            for name, now in self.current.items()
            if now not in {shown.get(name, ""), typed.get(name)}
        ]
        if changed:
            sentence = _("This was changed while you had it open. Check the marked fields.")
            self.add_error(None, ValidationError(sentence, code="stale"))
        for name in changed:
            self.tell_change(name, shown.get(name, ""), typed.get(name))
        return self.cleaned_data

    def read_shown(self) -> dict[str, str]:
        """Return the values that the posted page showed. Raises ValidationError if it has none."""
        try:
            pk, shown = signing.loads(self.data.get("shown", ""), salt=SALT)
        except (signing.BadSignature, ValueError):
            pk, shown = None, {}
        if pk != self.instance.pk:
            sentence = _("This form has expired. Check its values, then save it again.")
            raise ValidationError(sentence, code="expired")
        return dict(shown)

    def tell_change(self, name: str, shown: str, typed: str | None) -> None:
        field = self.fields[name]
        if typed == shown:
            sentence = _("%(person)s changed this from %(before)s to %(now)s.")
            field.bound_data = lambda data, initial: initial  # type: ignore[method-assign]  # noqa: ARG005
        else:
            sentence = _("%(person)s changed this to %(now)s. Save again to set what you entered.")
        facts = {
            "person": self.last_changed_by,
            "before": in_words(field, shown),
            "now": in_words(field, self.current[name]),
        }
        self.add_error(name, ValidationError(sentence % facts, code="stale"))

    @cached_property
    def last_changed_by(self) -> str:
        """Return the person who changed the object last, as the audit trail has it."""
        target = self.get_target(self.instance)
        changes = AuditEvent.objects.filter(verb__in=CHANGES, target_id=target.id)
        last = changes.filter(target_type=target.type).first()
        return last.actor if last else _("Somebody else")


def check(
    form: type[forms.ModelForm], get_target: Callable[[Model], audit.Target]
) -> type[CheckedForm]:
    """Return the form class with the check. `get_target` returns what the audit trail calls it."""
    attributes = {"get_target": staticmethod(get_target)}
    return type(form.__name__, (CheckedForm, form), attributes)


def to_text(value: Any) -> str:
    """Return a value of a form, initial or cleaned, as text that can be compared."""
    match value:
        case None:
            return ""
        case Model():
            return str(value.pk)
        case str():
            return value
        case Iterable():
            return SEPARATOR.join(sorted(to_text(each) for each in value))
    return str(value)


def in_words(field: Any, text: str) -> str:
    """Return the text of a value as the field shows it."""
    if isinstance(field, forms.BooleanField):
        return _("Yes") if text == "True" else _("No")
    if not text:
        return _("empty")
    if hasattr(field, "queryset"):
        return join_names(
            [str(each) for each in field.queryset.filter(pk__in=text.split(SEPARATOR))]
        )
    choices = dict(flatten_choices(getattr(field, "choices", ())))
    return str(choices.get(text, text))
