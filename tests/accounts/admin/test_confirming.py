"""What is true of every action that asks first. The actions are tested in their lists."""

from __future__ import annotations

import pytest

from accounts.models import AccessKey, AuditEvent

from ...admin import ask, confirm
from ...dom import get_values
from ...factories import AccessKeyFactory, UserFactory
from ...images.pages import text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/accounts/accesskey/"


def create_keys(number):
    return AccessKeyFactory.create_batch(number, user=UserFactory.create())


def count_disabled():
    return AccessKey.objects.filter(is_active=False).count()


def test_up_to_20_objects_need_no_number(operator):
    question = ask(operator, ADMIN, "disable", *create_keys(20))

    assert get_values(question, "number") == []
    confirm(operator, ADMIN, question)
    assert count_disabled() == 20


@pytest.mark.parametrize("typed", ["", "20", "many"])
def test_more_than_20_objects_need_their_number(operator, typed):
    question = ask(operator, ADMIN, "disable", *create_keys(21))

    again = confirm(operator, ADMIN, question, number=typed)

    assert again.status_code == 422
    assert "Type 21 to confirm" in text_of(again)
    assert count_disabled() == 0
    assert not AuditEvent.objects.exists()

    confirm(operator, ADMIN, again, number="21")
    assert count_disabled() == 21


def test_a_whole_list_is_asked_about_and_confirmed_by_its_rows(operator):
    keys = create_keys(120)
    across = {"action": "disable", "select_across": "1", "_selected_action": [keys[0].pk]}
    question = operator.post(ADMIN, across)
    create_keys(1)

    assert "Disables 120 access keys of 1 account." in text_of(question)
    confirm(operator, ADMIN, question, number="120")

    assert count_disabled() == 120


def test_more_than_500_objects_are_refused(operator):
    create_keys(501)
    across = {"action": "disable", "select_across": "1", "_selected_action": ["1"]}

    page = operator.post(ADMIN, across, follow=True)

    assert "Nothing was done. Select at most 500 at a time." in text_of(page)
    assert count_disabled() == 0


def test_what_changed_since_the_question_is_told(operator):
    kept, disabled, deleted = create_keys(3)
    question = ask(operator, f"{ADMIN}?is_active__exact=1", "disable", kept, disabled, deleted)
    AccessKey.objects.filter(pk=disabled.pk).update(is_active=False)
    deleted.delete()

    page = text_of(confirm(operator, f"{ADMIN}?is_active__exact=1", question))

    assert f"Disabled access keys: {kept.key_id} ({kept.user.username})." in page
    assert f"{disabled.key_id} ({disabled.user.username}): This access key is already" in page
    assert "1 of the selected objects was gone already." in page
    assert AuditEvent.objects.filter(outcome="done").count() == 1


def test_names_are_told_as_they_are(operator):
    key = AccessKeyFactory.create(user__username="mei")

    question = ask(operator, ADMIN, "delete", key, AccessKeyFactory.create())
    page = text_of(confirm(operator, ADMIN, question))

    assert f"{key.key_id} (mei)" in page


def test_a_question_without_anything_to_do_has_no_button(operator):
    key = AccessKeyFactory.create(is_active=False)

    page = ask(operator, ADMIN, "disable", key)

    assert "This access key is already disabled." in text_of(page)
    assert b'type="submit" value="Disable' not in page.content


@pytest.mark.parametrize("forged", ["x", "1.5", "²", ""])
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_forged_ids_are_a_bad_request(operator, forged, confirmed):
    key = AccessKeyFactory.create()
    data = {"action": "disable", "_selected_action": [key.pk, forged], **confirmed}

    assert operator.post(ADMIN, data).status_code == 400
    assert count_disabled() == 0
