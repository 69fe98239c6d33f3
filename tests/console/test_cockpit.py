"""The first page of the administration: what operators have to know today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts import audit
from accounts.actors import SYSTEM
from accounts.limits import TooManyTries
from accounts.models import AuditEvent, Server
from accounts.views import WrongPassword
from images import rules, usage

from ..factories import (
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..images.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    """Create something for every number. Return the expected numbers."""
    image = ImageFactory.create(owner__recipient_limit=1)
    ShareGrantFactory.create(image=image)
    UserFactory.create(account=image.owner)
    AccountFactory.create(closed_at=timezone.now())
    target = image.audit_target
    for _ in range(2):
        audit.record(SYSTEM, audit.Verb.SHARE_IMAGE, target=target)
    audit.record(SYSTEM, audit.Verb.SHARE_IMAGE, target=target, acknowledged="2026-11 en")
    for _ in range(3):
        audit.record(SYSTEM, audit.Verb.SIGN_IN, refusal=TooManyTries(minutes=3))
    audit.record(SYSTEM, audit.Verb.LOOK_UP, refusal=TooManyTries(minutes=3))
    audit.record(SYSTEM, audit.Verb.SIGN_IN, refusal=WrongPassword())
    audit.record(SYSTEM, audit.Verb.DELETE_IMAGE, refusal=rules.ImageIsShared(recipients=12))
    long_ago = timezone.now() - timedelta(days=9)
    AuditEvent.objects.bulk_create(
        AuditEvent(verb=verb, outcome=outcome, reason=reason, channel="system", at=long_ago)
        for verb, outcome, reason in [
            ("image.shared", "done", ""),
            ("session.signed-in", "refused", "too-many-tries"),
        ]
    )
    usage.look()
    return {
        "Accounts at 90% of a limit": 0,
        "Images at 90% of their recipients": 1,
        "Accounts nobody can sign in to": 1,
        "Closed accounts": 1,
        "Sign-ins throttled today": 3,
        "Shares without a confirmed risk notice, last 7 days": 2,
        "Too many attempts. Try again in … minutes.": 4,
        "Incorrect username or password.": 1,
        "Shared with … accounts. Unshare it first.": 1,
    }


def figures_of(response):
    cockpit = response.context["cockpit"]
    return [*cockpit.limits, *cockpit.accounts, *cockpit.events, *cockpit.refusals]


def test_every_number_is_that_of_its_list(operator, world):
    figures = figures_of(operator.get("/admin/"))

    assert {figure.label: figure.number for figure in figures} == world
    for figure in figures:
        assert operator.get(figure.url).context["cl"].result_count == figure.number, figure.label


def test_the_most_frequent_reason_is_first(operator, world):
    reasons = [figure.label for figure in figures_of(operator.get("/admin/"))[6:]]

    assert reasons[0] == "Too many attempts. Try again in … minutes."


def test_a_day_begins_at_midnight_of_the_operator(client):
    person = OperatorFactory.create(time_zone="Asia/Shanghai")
    client.force_login(person)
    local = timezone.localtime(timezone=timezone.get_fixed_timezone(8 * 60))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            verb="image.deleted", outcome="refused", reason="x", channel="system", at=midnight + d
        )
        for d in (timedelta(seconds=-1), timedelta(0))
    )

    (figure,) = figures_of(client.get("/admin/"))[6:]

    assert figure.number == 1
    assert f"since={midnight:%Y-%m-%d}&zone=Asia%2FShanghai" in figure.url
    assert client.get(figure.url).context["cl"].result_count == 1


def test_servers_are_shown_with_their_version(operator):
    Server.objects.create(host="web-1", address="0.0.0.0:8000", version="0.1.0")

    page = text_of(operator.get("/admin/"))

    assert "web-1 0.0.0.0:8000" in page
    assert "0.1.0" in page


def test_the_lists_of_all_models_are_below(operator):
    page = operator.get("/admin/").content.decode()

    assert "/admin/images/sharegrant/" in page
    assert "/admin/accounts/account/add/" in page


def test_operators_see_only_numbers_of_what_they_may_view(client):
    person = OperatorFactory.create(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_image"))
    client.force_login(person)

    page = client.get("/admin/")

    assert [figure.label for figure in figures_of(page)] == ["Images at 90% of their recipients"]
    assert "Servers" not in text_of(page)


def test_the_number_of_queries_is_constant(operator, world, django_assert_num_queries):
    with django_assert_num_queries(9):
        operator.get("/admin/")
    ImageFactory.create_batch(5)
    audit.record_each(SYSTEM, audit.Verb.DELETE_IMAGE, [None] * 5, refusal=TooManyTries(minutes=1))
    with django_assert_num_queries(9):
        operator.get("/admin/")
