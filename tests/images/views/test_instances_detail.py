"""The page of an instance: its activity and its primary action."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts import audit
from accounts.audit import Verb

from ...dom import find_all, get_text
from ...factories import InstanceFactory
from ..pages import text_of
from .instance_pages import page_of

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_activity_of_the_instance(client_for, account, actor_for):
    web, other = (InstanceFactory.create(owner=account, name=name) for name in ("web", "db"))
    for _ in range(11):
        audit.record(actor_for(account), Verb.STOP, target=web.audit_target)
    audit.record(actor_for(account), Verb.REINSTALL, target=other.audit_target)

    page = client_for(account).get(page_of(web))

    (timeline,) = find_all(page, "ol", class_="timeline")
    assert len(find_all(timeline, "li")) == 10
    assert "Stopped instance" in get_text(timeline)
    assert "Reinstalled" not in get_text(timeline)
    assert find_all(
        page, "a", href=f"{reverse('activity:list', args=['bj'])}?image={web.instance_id}"
    )


def test_a_new_instance_has_no_activity(client_for, account):
    web = InstanceFactory.create(owner=account)

    assert "No activity for this instance yet." in text_of(client_for(account).get(page_of(web)))


@pytest.mark.parametrize(
    ("traits", "label"),
    [({}, "Create Custom Image"), ({"stopped": True}, "Start"), ({"starting": True}, None)],
)
def test_the_primary_action_is_never_stop(client_for, account, traits, label):
    web = InstanceFactory.create(owner=account, **traits)

    primary = find_all(client_for(account).get(page_of(web)), "a", class_="button primary")

    assert [get_text(link).strip() for link in primary] == ([label] if label else [])
