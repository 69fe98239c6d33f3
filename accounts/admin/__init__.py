"""Django admin for operators. Each module registers its models."""

from . import access_keys, audit_events, identities, people, servers

__all__ = ["access_keys", "audit_events", "identities", "people", "servers"]
