"""The rule on roles, which the rules on images, instances, people and access keys call.

Operators work for the installation, so the roles of accounts don't bind them.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .actors import Actor
from .exceptions import Refused
from .models import Role

RANKS = {role: rank for rank, role in enumerate(Role)}


class RoleNeeded(Refused):
    """The person's role allows less than the action needs."""

    code = "role-needed"
    sentence = _("This needs the role %(needed)s. Ask an administrator of your account for it.")


def against(by: Actor, needed: Role) -> Refused | None:
    """Return the refusal of what needs this role, or None."""
    is_allowed = by.is_operator or RANKS[by.role] >= RANKS[needed]
    return None if is_allowed else RoleNeeded(needed={"role": needed.value})
