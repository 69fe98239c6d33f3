"""Which database a query goes to, if there is a standby (REPLICA_DATABASE_URL)."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from accounts import standby

# What lists show. Sessions, keys, limits and whatever else requests are judged by is read from the
# primary.
LISTED = {
    "accounts.account",
    "accounts.accountevent",
    "accounts.auditevent",
    "images.image",
    "images.instance",
    "images.region",
    "images.sharegrant",
}


class Router:
    def db_for_read(self, model: type[Model], **hints: Any) -> str:  # noqa: ARG002
        return standby.get_alias() if model._meta.label_lower in LISTED else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:  # noqa: ARG002
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:  # noqa: ARG002
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool:  # noqa: ARG002
        return alias == DEFAULT_DB_ALIAS
