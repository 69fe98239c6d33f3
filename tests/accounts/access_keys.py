"""Helpers for the tests of access keys."""

from __future__ import annotations

from django.db import connection

from accounts import keys
from accounts.actors import Actor, Channel
from accounts.models import Role


def acting(user, channel=Channel.CONSOLE):
    return Actor(account=user.account, name=user.username, role=Role(user.role), channel=channel)


def issue(user, description="pipeline"):
    return keys.create(user=user, description=description, by=acting(user))


def read_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM accounts_accesskey k")
        rows = cursor.fetchall()
        cursor.execute("SELECT e::text FROM accounts_auditevent e")
        return str([rows, cursor.fetchall()])
