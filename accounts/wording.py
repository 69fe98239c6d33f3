"""What is kept as data, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

# What gettext_lazy() returns. Its operators are known to the stubs alone.
if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as LazyText
else:
    from django.utils.functional import Promise as LazyText

__all__ = ["LazyText", "in_words", "listed", "translated"]


def listed(names: Sequence[str], shown: int = 3) -> str:
    """As many names as are `shown`, and how many more there are."""
    first, more = _(", ").join(names[:shown]), len(names) - shown
    if more <= 0:
        return first
    sentence = ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more)
    return sentence % {"names": first, "more": more}


def translated(names: Mapping[str, str]) -> str:
    """The one of the names by language that is the reader's; English if there is none."""
    return names.get(get_language() or "en", names["en"])


def in_words(fact: Any) -> Any:
    """A fact as a sentence has it: names are listed, and a name by language is the reader's."""
    match fact:
        case [str(), *_]:
            return listed(fact)
        case {"en": str()}:
            return translated(fact)
    return fact
