"""The base class of every expected refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .models import AuditEvent
from .wording import LazyText, localize


class Refused(Exception):  # noqa: N818 - a refusal is an outcome, not an error
    """A refusal by a rule: `code` is for programs and the audit trail, `sentence` for people.

    A subclass sets both. A sentence with numbers is a %-format. It is filled from the keyword
    arguments of the constructor, which are kept as `facts`. Facts don't depend on a language:
    wording.localize formats lists of names and names by language when the sentence is read.

    `fields` are the arguments that caused the refusal, the most specific first, so that a form
    can show it beside the right field. `event` is its audit event, or None before it is recorded.
    `retry_after` are the seconds after which the refusal ends by itself, or 0.
    """

    code: ClassVar[str]
    sentence: ClassVar[str | LazyText]
    fields: ClassVar[tuple[str, ...]] = ()
    event: AuditEvent | None = None
    retry_after: int = 0
    by_code: ClassVar[dict[str, type[Refused]]] = {}

    def __init_subclass__(cls) -> None:
        cls.by_code[cls.code] = cls

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    def __str__(self) -> str:
        return fill(self.sentence, self.facts) if self.facts else str(self.sentence)

    @classmethod
    def get_verdicts(cls, facts: Mapping[str, Any]) -> list[tuple[str, str]]:  # noqa: ARG003
        """Return what was asked for one by one, each with a verdict in words, from the facts."""
        return []


def fill(sentence: str | LazyText, facts: Mapping[str, object]) -> str:
    return str(sentence % {name: localize(fact) for name, fact in facts.items()})


def get_sentence(code: str, facts: Mapping[str, object]) -> str:
    """Return the sentence of a refusal, or its code if it is unknown or `facts` are incomplete."""
    try:
        sentence = Refused.by_code[code].sentence
        return fill(sentence, facts)
    except KeyError:
        return code
    except ValueError:  # it has a literal percent sign and no placeholders
        return str(sentence)


# Stands for any fact: no fact is this number
ANY = 10**9


class AnyFacts(dict[str, object]):
    def __missing__(self, name: str) -> int:
        return ANY


def describe(code: str) -> str:
    """Return the sentence of a refusal without its facts, or its code if it is unknown."""
    if code not in Refused.by_code:
        return code
    sentence = Refused.by_code[code].sentence
    try:
        return str(sentence % AnyFacts()).replace(str(ANY), "…")
    except ValueError:  # it has a literal percent sign and no placeholders
        return str(sentence)


def get_verdicts(code: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the verdicts of a refusal (Refused.get_verdicts): none if its code is unknown."""
    refusal = Refused.by_code.get(code, Refused)
    return refusal.get_verdicts(facts)


def refuse_if(refusal: Refused | None) -> None:
    """Raise the refusal that a rule returned, if any."""
    if refusal is not None:
        raise refusal
