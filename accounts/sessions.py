"""Sessions of people: begin one, keep them where a person can see them, and end them.

SESSION_ENGINE names this module. Every sign-in, whatever proves who it is, goes through `begin`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from .actors import get_client_address
from .kept import Kept, Parameter
from .models import Session, User
from .models.sessions import USER_AGENT_LENGTH

# What a session stores: when and where it began, and when it was last seen
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
ADDRESS = "address"
USER_AGENT = "user_agent"


@Kept
def find_session(key: Parameter, now: Parameter) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseSessionStore):
    """Django's store, which also writes the columns of Session from the session's values."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        for session in find_session(key=self.session_key, now=timezone.now()):
            return session
        self._session_key = None
        return None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast("Session", super().create_model_instance(data))
        session.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        session.address = data.get(ADDRESS)
        session.user_agent = data.get(USER_AGENT, "")
        if SIGNED_IN_AT in data:
            session.created_at = datetime.fromtimestamp(data[SIGNED_IN_AT], UTC)
        if SEEN_AT in data:
            session.seen_at = datetime.fromtimestamp(data[SEEN_AT], UTC)
        return session


def see(request: HttpRequest) -> None:
    """Record that the person is here now. Call it at times only: it writes."""
    now = timezone.now()
    request.session[SEEN_AT] = int(now.timestamp())
    User.objects.filter(pk=request.session[SESSION_KEY]).update(seen_at=now)


def begin(request: HttpRequest, user: User, *, backend: str | None = None) -> None:
    """Sign the person in, in a new session. Delete the sessions that expired."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    login(request, user, backend=backend)
    # Django keeps the session key when the same person signs in again.
    request.session.cycle_key()
    user_agent = request.headers.get("User-Agent", "").replace("\0", "")[:USER_AGENT_LENGTH]
    request.session[SIGNED_IN_AT] = int(timezone.now().timestamp())
    request.session[ADDRESS] = get_client_address(request)
    request.session[USER_AGENT] = user_agent
    see(request)


def end_all(people: Collection[User], *, keep: str = "") -> int:
    """End all sessions of these people, except the one with the key `keep`. Return their number.

    A request that is still running can't store its session again: Django only updates the row.
    """
    sessions = Session.objects.filter(user__in=people).exclude(session_key=keep)
    return sessions.delete()[0]
