"""The rule on roles: each includes the ones before it, and operators have none."""

from __future__ import annotations

import pytest

from accounts import roles
from accounts.actors import SYSTEM, Actor, Channel
from accounts.audit import Verb
from accounts.exceptions import get_sentence
from accounts.models import Role

SHARING = {"image.shared", "image.unshared", "image.shares-restored"}


def get_allowed(role: Role, channel: Channel) -> set[str]:
    actor = Actor(account=None, name="mei", role=role, channel=channel)
    return {verb.value for verb in Verb if not roles.against(verb, actor)}


@pytest.mark.parametrize("channel", [Channel.CONSOLE, Channel.API])
def test_each_role_includes_the_ones_before_it(channel):
    assert get_allowed(Role.VIEWER, channel) == set()
    assert get_allowed(Role.SHARER, channel) == SHARING
    assert get_allowed(Role.ADMIN, channel) == {verb.value for verb in Verb}


@pytest.mark.parametrize("channel", [Channel.ADMIN, Channel.SSO, Channel.SYSTEM])
def test_operators_are_not_bound_by_roles(channel):
    assert get_allowed(Role.VIEWER, channel) == {verb.value for verb in Verb}
    assert roles.against(Verb.RELEASE, SYSTEM) is None


def test_the_sentence_names_the_role_that_is_needed():
    viewer = Actor(account=None, name="mei", role=Role.VIEWER, channel=Channel.CONSOLE)
    refusal = roles.against(Verb.SHARE_IMAGE, viewer)

    assert str(refusal) == ("This needs the role Sharer in your account.")
    assert get_sentence("role-needed", {"needed": {"role": "sharer"}}) == str(refusal)
