"""The rule on roles: each includes the ones before it, and operators have none."""

from __future__ import annotations

import pytest

from accounts import roles
from accounts.actors import SYSTEM, Actor, Channel
from accounts.exceptions import get_sentence
from accounts.models import Role


def build_actor(role: Role, channel: Channel) -> Actor:
    return Actor(account=None, name="mei", role=role, channel=channel)


@pytest.mark.parametrize("channel", [Channel.CONSOLE, Channel.API])
def test_each_role_includes_the_ones_before_it(channel):
    allowed = {
        role: [
            str(needed) for needed in Role if not roles.against(build_actor(role, channel), needed)
        ]
        for role in Role
    }

    assert allowed == {
        "viewer": ["viewer"],
        "sharer": ["viewer", "sharer"],
        "admin": ["viewer", "sharer", "admin"],
    }


def test_operators_are_not_bound_by_roles():
    assert roles.against(SYSTEM, Role.ADMIN) is None
    assert roles.against(build_actor(Role.VIEWER, Channel.ADMIN), Role.ADMIN) is None


def test_the_sentence_names_the_role_in_the_language_of_its_reader():
    refusal = roles.against(build_actor(Role.VIEWER, Channel.CONSOLE), Role.SHARER)

    assert str(refusal) == (
        "This needs the role Sharer. Ask an administrator of your account for it."
    )
    assert refusal.facts == {"needed": {"role": "sharer"}}
    assert get_sentence("role-needed", refusal.facts) == str(refusal)
