"""The base of every anticipated "no"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .models import AuditEvent
from .wording import LazyText, in_words


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A rule says no: `code` for programs and the audit trail, `sentence` for the person.

    A subclass sets both. A sentence with numbers in it is a %-format filled from the keywords
    given to the constructor, which stay readable as `facts`. These know no language: a list of
    names, and what is called otherwise in each language, become words when the sentence is said
    (wording.in_words). `event` is its row in the audit trail, once it has one.
    """

    code: ClassVar[str]
    sentence: ClassVar[str | LazyText]
    event: AuditEvent | None = None
    by_code: ClassVar[dict[str, type[Refused]]] = {}

    def __init_subclass__(cls) -> None:
        cls.by_code[cls.code] = cls

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    def __str__(self) -> str:
        return filled(self.sentence, self.facts) if self.facts else str(self.sentence)


def filled(sentence: str | LazyText, facts: Mapping[str, object]) -> str:
    return str(sentence % {name: in_words(fact) for name, fact in facts.items()})


def sentence_of(code: str, facts: Mapping[str, object]) -> str:
    """What the refusal with this code says; the code itself when that needs more than `facts`."""
    try:
        sentence = Refused.by_code[code].sentence
        return filled(sentence, facts)
    except KeyError:
        return code
    except ValueError:  # a percent sign of its own, and nothing to fill in
        return str(sentence)


def require(refusal: Refused | None) -> None:
    """Raise the refusal that a rule answered."""
    if refusal is not None:
        raise refusal
