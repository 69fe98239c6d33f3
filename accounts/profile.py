"""What people change about themselves: their password, and where they are signed in."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from . import audit, people, sessions
from .actors import Actor
from .models import Session, User


def get_sessions(person: User) -> QuerySet[Session]:
    """Return the sessions in which the person is signed in, the last used first."""
    now = timezone.now()
    began = now - timedelta(seconds=settings.SESSION_ABSOLUTE_AGE)
    live = Session.objects.filter(user=person, expire_date__gt=now, created_at__gt=began)
    return live.order_by("-seen_at", "-created_at")


@audit.audited(audit.Verb.CHANGE_PASSWORD, about=people.get_target)
def change_password(*, person: User, password: str, by: Actor, keep: str = "") -> None:
    """Set the password that the person chose. End all sessions but the one with the key `keep`."""
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    people.record_password(person, by, sessions=sessions.end_all([person], keep=keep))


@audit.audited(audit.Verb.END_SESSIONS, about=people.get_target)
def sign_out_elsewhere(*, person: User, by: Actor, keep: str) -> int:
    """End all sessions of the person but the one with the key `keep`. Return their number."""
    ended = sessions.end_all([person], keep=keep)
    target = people.build_target(person)
    audit.record(by, audit.Verb.END_SESSIONS, target=target, sessions=ended)
    return ended
