"""A lookup that Django has not."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler


@models.BigAutoField.register_lookup
@models.CharField.register_lookup
class IsAny(Lookup):
    """Whether the value is in an array. PostgreSQL reads the array first, then only these rows.

    Where it estimates an `EXISTS` or `pk__in` badly, it reads every row of the table to compare it.
    """

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        key, values = self.process_lhs(compiler, connection)
        array, more = self.process_rhs(compiler, connection)
        return f"{key} = ANY ({array})", (*values, *more)
