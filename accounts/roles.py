"""The rule on roles, which the rules on images, instances, people and access keys call.

Operators work for the installation, so the roles of accounts don't bind them.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .actors import Actor
from .audit import Verb
from .exceptions import Refused
from .models import Role

# What sharers may do too. Every other verb that the rules ask about is for administrators.
FOR_SHARERS = {Verb.SHARE_IMAGE, Verb.UNSHARE_IMAGE, Verb.RESTORE_SHARES}
RANKS = {role: rank for rank, role in enumerate(Role)}


class RoleNeeded(Refused):
    """The person's role allows less than the action needs."""

    code = "role-needed"
    sentence = _("This needs the role %(needed)s in your account.")


class OnlyViewing(Refused):
    """An operator views the account (viewing.py)."""

    code = "only-viewing"
    sentence = _("You are viewing this account as an operator. Nothing can be changed.")


def against(verb: Verb, by: Actor) -> Refused | None:
    """Return the refusal of a verb that the actor's role doesn't allow, or None."""
    if by.is_viewing:
        return OnlyViewing()
    needed = Role.SHARER if verb in FOR_SHARERS else Role.ADMIN
    is_allowed = by.is_operator or RANKS[by.role] >= RANKS[needed]
    return None if is_allowed else RoleNeeded(needed={"role": needed.value})
