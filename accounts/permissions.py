"""Permissions: the ready-made groups of operators and auditors, and who may change whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from .actors import Actor, Channel
from .exceptions import Refused
from .models import User

OPERATORS = gettext_noop("Operators")
AUDITORS = gettext_noop("Auditors")


class PersonMayDoMore(Refused):
    code = "person-may-do-more"
    fields = ("user",)
    sentence = _("This person may do more than you. Ask a superuser.")


def update_groups(**_: Any) -> None:
    """Create the groups, with the permissions of every model in the administration.

    Runs after each migration, so that the groups include models that are new.
    """
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 - apps load first

    is_listed = Q()
    for model in filter(admin.site.is_registered, apps.get_models()):
        meta = model._meta
        is_listed |= Q(content_type__app_label=meta.app_label, content_type__model=meta.model_name)
    listed = Permission.objects.filter(is_listed)
    permissions = {OPERATORS: listed, AUDITORS: listed.filter(codename__startswith="view_")}
    for name, included in permissions.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(included)


def find_outranking(people: Collection[User], by: Actor) -> list[User]:
    """Return those of the people who may do more than the operator, who could act as them.

    Permissions of deactivated people count, too: they can be reactivated. Administrators of an
    account reach no people with permissions, and nothing limits commands and the provider.
    """
    from django.contrib.auth.models import Permission  # noqa: PLC0415 - apps load first

    operator = by.operator
    if by.channel is not Channel.ADMIN or (operator and operator.is_superuser):
        return []
    own = Permission.objects.filter(Q(user=operator) | Q(group__user=operator))
    given = Permission.objects.filter(Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")))
    may_do_more = Q(is_superuser=True) | Exists(given.exclude(pk__in=own.values("pk")))
    return list(User.objects.filter(may_do_more, pk__in=[person.pk for person in people]))


def against_outranking(person: User, by: Actor) -> Refused | None:
    return PersonMayDoMore() if find_outranking([person], by) else None
