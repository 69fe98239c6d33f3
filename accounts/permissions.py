"""The ready-made groups of permissions: operators, and auditors who see everything."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q

OPERATORS = "Operators"
AUDITORS = "Auditors"


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
