"""The audit trail."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce, Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.kept import Kept, Parameter

from .account_events import PARAMETERS, Walk, list_keys
from .accounts import Account
from .indexes import build_search_index, has_part
from .lookups import IsAny

# Events on the page of their target
LATEST = 10


def new_request_id() -> str:
    return str(uuid.uuid4())


def get_account_ids(text: str) -> list[str]:
    """Return the ID of the account with this identifier, and the text: a deleted account's ID."""
    low = text.lower()
    accounts = Account.objects.order_by().alias(low=Lower("name"), low_uc=Lower("uc_account"))
    named = accounts.filter(Q(low=low) | Q(low_uc=low))
    return [low, *named.values_list("account_id", flat=True)]


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def concerning(self, account: Account) -> AuditEventQuerySet:
        """Return what `account` did, and what was done to it, among events found otherwise.

        A walk finds them, or the ID of their target. PostgreSQL assumes that an account has as
        many events as any other, so it would choose a wrong index for one that has more.
        """
        return self.filter(IsAny(Value(account.account_id), F("accounts")))

    def found_by_account(self, account: Account) -> AuditEventQuerySet:
        """Return the same, found by the account: to compare all its events with a text."""
        return self.filter(accounts__contains=[account.account_id])

    def without_sign_ins(self) -> AuditEventQuerySet:
        return self.exclude(verb__startswith="session.")

    def newest_for(self, walk: Walk, limit: int) -> AuditEventQuerySet:
        """Return the newest events of an account among those that the walk is for."""
        return self.filter(pk__any=walk.list_newest(limit)).order_by("-at", "-pk")

    def matching(self, text: str) -> list[AuditEventQuerySet]:
        """Return the events about anything that has this name or ID, for operators.

        An account is found by each of its identifiers, and by its name at the time of the event.
        The name of a resource matches in part. The first query is about few events.
        """
        few = (
            Q(accounts__overlap=get_account_ids(text))
            | Q(detail__recipients__contains=[{"account": text}])
            | Q(target_id=text)
            | Q(request_id=text.lower())
        )
        who = (
            Q(actor__iexact=text)
            | Q(actor_account__iexact=text)
            | ~Q(access_key_id="") & Q(access_key_id=text.lower())
        )
        named = has_part("target_name", text)
        return [self.filter(few).sorted_as_few(), self.filter(who), self.filter(named)]

    def received_as(self, text: str) -> AuditEventQuerySet:
        """Return the events with this recipient: any identifier, or its name at that time."""
        ids = get_account_ids(text)
        return self.filter(
            Q(accounts__overlap=ids, recipients__overlap=ids)
            | Q(detail__recipients__contains=[{"account": text}])
        ).sorted_as_few()

    def unacknowledged(self) -> AuditEventQuerySet:
        """Return the shares for which nobody confirmed the risk notice."""
        shared = self.filter(verb="image.shared", outcome=AuditEvent.Outcome.DONE)
        return shared.exclude(detail__has_key="acknowledged")

    def newest_of_few(self) -> AuditEventQuerySet:
        """Return the newest first, by sorting what the filters leave."""
        return self.order_by("-at", "-pk").sorted_as_few()

    def sorted_as_few(self) -> AuditEventQuerySet:
        """Keep the order by time, by sorting what the filters leave.

        The expression keeps PostgreSQL from using the index on the time. PostgreSQL assumes that
        every array is frequent, and would read the whole trail in order until it has enough rows.
        """
        time, *others = self.query.order_by
        at = Coalesce("at", "at")
        return self.order_by(at.desc() if time == "-at" else at.asc(), *others)


class AuditEvent(models.Model):
    """An action that was done or refused, as it was at that moment.

    There are no foreign keys: an event stays true when its objects are deleted. A trigger refuses
    UPDATE and DELETE (migration 0002).
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Succeeded")
        REFUSED = "refused", _("Failed")

    at = models.DateTimeField(_("time"), default=timezone.now)
    verb = models.CharField(_("action"), max_length=40)
    outcome = models.CharField(_("result"), max_length=8, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=8)
    actor_account_id = models.CharField(_("actor account ID"), max_length=32, blank=True)
    actor_account = models.CharField(_("actor account"), max_length=64, blank=True)
    actor = models.CharField(_("actor"), max_length=150, blank=True)
    access_key_id = models.CharField(_("access key"), max_length=32, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    request_id = models.CharField(_("request ID"), max_length=36, blank=True)
    region = models.CharField(_("region"), max_length=8, blank=True)
    target_type = models.CharField(_("resource type"), max_length=20, blank=True)
    target_id = models.CharField(_("ID"), max_length=64, blank=True)
    target_name = models.CharField(_("name"), max_length=150, blank=True)
    accounts = ArrayField(
        models.CharField(max_length=32), verbose_name=_("related accounts"), default=list
    )
    # The accounts among them that received or lost something
    recipients = ArrayField(
        models.CharField(max_length=32), verbose_name=_("recipients"), default=list
    )
    detail = models.JSONField(_("details"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ("-at", "-pk")
        indexes: ClassVar = [
            models.Index(F("at").desc(), F("id").desc(), name="auditevent_newest"),
            models.Index("target_id", F("at").desc(), name="auditevent_target"),
            GinIndex("accounts", name="auditevent_accounts"),
            # For operators, who find an event by everything it names
            build_search_index("target_name", name="auditevent_search", is_hot=True),
            GinIndex(
                OpClass(KeyTransform("recipients", "detail"), name="jsonb_path_ops"),
                name="auditevent_recipient_names",
            ),
            models.Index(Upper("actor"), name="auditevent_actor"),
            models.Index(Upper("actor_account"), name="auditevent_actor_account"),
            HashIndex("request_id", name="auditevent_request"),
            models.Index("access_key_id", name="auditevent_key", condition=~Q(access_key_id="")),
            # and by what happened
            models.Index("verb", "at", "id", name="auditevent_verb"),
            models.Index("channel", name="auditevent_channel"),
            models.Index("at", "id", name="auditevent_refused", condition=Q(outcome="refused")),
            models.Index("reason", "at", "id", name="auditevent_reason", condition=~Q(reason="")),
            models.Index(
                "at",
                "id",
                name="auditevent_unacknowledged",
                condition=Q(verb="image.shared", outcome="done")
                & ~Q(detail__has_key="acknowledged"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_id}".strip()


def read_newest(walk: Walk, limit: int) -> list[AuditEvent]:
    """Return the last events before the end of the walk, newest first."""
    return find_newest(**walk.describe(limit))


def read_oldest(walk: Walk, limit: int) -> list[AuditEvent]:
    """Return the first events after the start of the walk, oldest first."""
    return find_oldest(**walk.describe(limit))


def build_newest(**walk: Parameter) -> AuditEventQuerySet:
    return AuditEvent.objects.filter(pk__any=list_keys("DESC", walk)).order_by("-at", "-pk")


def build_oldest(**walk: Parameter) -> AuditEventQuerySet:
    return AuditEvent.objects.filter(pk__any=list_keys("ASC", walk)).order_by("at", "pk")


find_newest, find_oldest = Kept(build_newest, PARAMETERS), Kept(build_oldest, PARAMETERS)


@Kept
def find_latest(account_id: Parameter, target_id: Parameter) -> AuditEventQuerySet:
    """Return the latest events about a target for its page: no refusals of other accounts."""
    of_others = Q(outcome=AuditEvent.Outcome.REFUSED) & ~Q(actor_account_id=account_id)
    events = AuditEvent.objects.filter(IsAny(account_id, F("accounts")), target_id=target_id)
    return events.exclude(of_others).without_sign_ins()[:LATEST]
