"""The sentence of a refusal."""

from __future__ import annotations

import pytest

from accounts.exceptions import describe, get_sentence, refuse_if
from images import rules


def test_a_sentence_is_filled_with_the_facts_of_the_refusal():
    sentence = "Shared with 1 account. Unshare it first."

    assert str(rules.ImageIsShared(recipients=1)) == sentence
    assert get_sentence("image-is-shared", {"recipients": 1}) == sentence


def test_a_refusal_without_its_facts_is_shown_as_its_code():
    assert get_sentence("image-is-shared", {}) == "image-is-shared"


def test_an_unknown_refusal_is_shown_as_its_code():
    assert get_sentence("too-cold", {"degrees": 3}) == "too-cold"


def test_a_percent_sign_in_a_sentence_is_shown():
    assert "! @ # $ % ^ * ( )" in get_sentence("invalid-password", {"image": "m-abcdefgh"})


def test_a_refusal_is_described_without_its_facts():
    assert describe("image-is-shared") == "Shared with … accounts. Unshare it first."
    assert describe("too-cold") == "too-cold"
    assert "! @ # $ % ^ * ( )" in describe("invalid-password")


def test_only_a_refusal_is_raised():
    refuse_if(None)
    with pytest.raises(rules.ImageIsShared):
        refuse_if(rules.ImageIsShared(recipients=1))
