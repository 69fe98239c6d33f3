"""Django admin for operators. Each module registers its models."""

from . import access_keys, accounts, audit_events, people

__all__ = ["access_keys", "accounts", "audit_events", "people"]
