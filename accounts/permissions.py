"""Permissions: the ready-made groups of operators and auditors, and who may change whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from .models import User

OPERATORS = gettext_noop("Operators")
AUDITORS = gettext_noop("Auditors")


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


def outrank(people: Collection[User], operator: User | AnonymousUser) -> bool:
    """Return True if one of the people has a permission that the operator lacks.

    Permissions of deactivated people count, too: they can be reactivated.
    """
    from django.contrib.auth.models import Permission  # noqa: PLC0415 - apps load first

    if operator.is_superuser:
        return False
    if any(person.is_superuser for person in people):
        return True
    is_given = Q(user__in=people) | Q(group__user__in=people)
    given = Permission.objects.filter(is_given).values_list("content_type__app_label", "codename")
    return not operator.has_perms([f"{app}.{code}" for app, code in given])
