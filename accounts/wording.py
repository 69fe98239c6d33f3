"""Format stored data in the language of its reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from .models import Role

# The return type of gettext_lazy(). Only the stubs know its operators.
if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as LazyText
else:
    from django.utils.functional import Promise as LazyText

__all__ = ["LazyText", "get_label", "join_names", "join_sentences", "localize", "pick_translation"]


def get_label(choices: type[models.TextChoices], value: str) -> str:
    """Return the label of a stored value, or the value itself if it is no longer used."""
    return find_label(choices, value, get_language())


@lru_cache(maxsize=1000)  # an export needs 100,000
def find_label(choices: type[models.TextChoices], value: str, _language: str | None) -> str:
    try:
        return str(choices(value).label)
    except ValueError:
        return value


def join_names(names: Sequence[str], shown: int = 3) -> str:
    """Return the first `shown` names, and how many more there are."""
    first, more = _(", ").join(names[:shown]), len(names) - shown
    if more <= 0:
        return first
    sentence = ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more)
    return sentence % {"names": first, "more": more}


def join_sentences(first: str, second: str) -> str:
    """Return two sentences as one text. Chinese has no space between them."""
    return _("%(first)s %(second)s") % {"first": first, "second": second}


def pick_translation(names: Mapping[str, str]) -> str:
    """Return the name in the reader's language, or in English if it is missing."""
    return names.get(get_language() or "en", names["en"])


def localize(fact: Any) -> Any:
    """Format a fact for a sentence: a list of names, a name by language, or a role."""
    match fact:
        case [str(), *_]:
            return join_names(fact)
        case {"en": str()}:
            return pick_translation(fact)
        case {"role": str(role)}:
            return get_label(Role, role)
    return fact
