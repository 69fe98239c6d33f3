"""Access keys: limits, permissions, lookup and secrets."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts import keys
from accounts.actors import SYSTEM, Actor, Channel
from accounts.closed import AccountIsClosed
from accounts.models import AccessKey, Account, AuditEvent, Role
from accounts.roles import RoleNeeded

from ..factories import SECRET, AccessKeyFactory, AccountFactory, OperatorFactory, UserFactory
from .access_keys import acting, issue, read_tables

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPERATOR = Actor(account=None, name="op", role=Role.ADMIN, channel=Channel.ADMIN)


def refused(call):
    with pytest.raises(keys.Refused) as caught:
        call()
    return type(caught.value)


def find(key_id):
    key = keys.find_usable(key_id)
    assert key
    return key


def last_event():
    event = AuditEvent.objects.first()
    return (event.verb, event.outcome, event.reason, event.target_type, event.target_id)


# Create


def test_a_new_key_is_stored_with_its_encrypted_secret(person):
    key, secret = issue(person)

    assert re.fullmatch("[0-9a-f]{32}", key.key_id)
    assert re.fullmatch("[0-9a-f]{32}", secret)
    stored = AccessKey.objects.get()
    assert (stored.key_id, stored.user, stored.description) == (key.key_id, person, "pipeline")
    assert (stored.is_active, stored.last_used_at) == (True, None)
    assert keys.decrypt_secret(stored) == secret
    assert last_event() == ("access-key.created", "done", "", "access-key", key.key_id)


def test_a_hundred_keys_have_different_ids_and_secrets(person, settings):
    settings.MAX_ACCESS_KEYS = settings.MAX_ACTIVE_ACCESS_KEYS = 100

    issued = [issue(person) for _ in range(100)]

    secrets = {secret for _key, secret in issued}
    assert len(secrets | {key.key_id for key, _secret in issued}) == 200
    assert {len(secret) for secret in secrets} == {32}
    assert not {key.key_id for key, secret in issued if secret in key.key_id}


def test_only_the_person_and_the_command_line_can_create_keys(person):
    other = UserFactory.create(account=person.account)

    for by in (acting(other), OPERATOR):
        arguments = {"user": person, "description": "", "by": by}
        assert refused(lambda arguments=arguments: keys.create(**arguments)) is keys.NotOwnAccessKey
        assert last_event() == (
            "access-key.created",
            "refused",
            "not-own-access-key",
            "user",
            str(person.pk),
        )

    assert keys.create(user=person, description="", by=SYSTEM)
    assert AccessKey.objects.count() == 1


def test_a_person_without_an_account_cannot_create_keys(db):
    operator = OperatorFactory.create()

    assert refused(lambda: issue(operator)) is keys.NoAccount


def test_a_third_active_key_is_refused(person):
    issue(person)
    second, _secret = issue(person)

    assert refused(lambda: issue(person)) is keys.TooManyActiveAccessKeys
    assert last_event()[1:3] == ("refused", "too-many-active-access-keys")
    keys.disable(key=second, by=acting(person))
    assert issue(person)
    assert refused(lambda: keys.enable(key=second, by=acting(person))) is (
        keys.TooManyActiveAccessKeys
    )
    keys.delete(key=AccessKey.objects.filter(is_active=True)[0], by=acting(person))
    assert keys.enable(key=second, by=acting(person)).is_active
    assert AccessKey.objects.filter(is_active=True).count() == 2


def test_who_began_before_the_closing_gets_no_key_after_it(person):
    """The caller read the account while it was open."""
    old = AccessKeyFactory.create(user=person, is_active=False)
    Account.objects.update(closed_at=datetime(2026, 11, 23, 12, tzinfo=UTC))

    assert refused(lambda: issue(person)) is AccountIsClosed
    assert refused(lambda: keys.enable(key=old, by=acting(person))) is AccountIsClosed


def test_keys_of_others_do_not_count(person):
    AccessKeyFactory.create_batch(2, user__account=person.account)

    assert issue(person)


def test_a_twenty_first_key_is_refused(person):
    AccessKeyFactory.create_batch(19, user=person, is_active=False)

    last, _secret = issue(person)
    keys.disable(key=last, by=acting(person))

    assert refused(lambda: issue(person)) is keys.TooManyAccessKeys
    assert keys.enable(key=last, by=acting(person)).is_active
    keys.delete(key=last, by=acting(person))
    assert issue(person)


def test_the_refusals_name_the_limit(person):
    assert str(keys.TooManyActiveAccessKeys(limit=2)) == (
        "You reached the limit of 2 active access keys. Disable or delete one first."
    )
    assert str(keys.TooManyAccessKeys(limit=20)) == (
        "You reached the limit of 20 access keys. Delete one first."
    )


# Disable, enable and delete


@pytest.mark.parametrize("verb", ["disable", "enable", "delete"])
def test_the_key_of_another_account_cannot_be_changed(person, verb):
    key = AccessKeyFactory.create(user=person, is_active=verb != "enable")
    stranger = UserFactory.create()

    refusal = refused(lambda: getattr(keys, verb)(key=key, by=acting(stranger)))

    assert refusal is keys.NotOwnAccessKey
    stored = AccessKey.objects.get()
    assert stored.is_active == key.is_active
    assert last_event()[1:] == ("refused", "not-own-access-key", "access-key", key.key_id)


@pytest.mark.parametrize("verb", ["disable", "delete"])
def test_administrators_disable_and_delete_the_keys_of_their_account(person, verb):
    key = AccessKeyFactory.create(user=person)
    sharer = UserFactory.create(account=person.account, role=Role.SHARER)
    administrator = UserFactory.create(account=person.account)

    assert refused(lambda: getattr(keys, verb)(key=key, by=acting(sharer))) is RoleNeeded
    getattr(keys, verb)(key=key, by=acting(administrator))

    assert not AccessKey.objects.filter(is_active=True).exists()
    assert last_event()[1] == "done"


def test_nobody_enables_the_key_of_a_colleague(person):
    key = AccessKeyFactory.create(user=person, is_active=False)
    administrator = UserFactory.create(account=person.account)

    refusal = refused(lambda: keys.enable(key=key, by=acting(administrator)))

    assert refusal is keys.NotOwnAccessKey


def test_an_operator_can_disable_and_delete_keys_but_not_enable_them(person):
    key = AccessKeyFactory.create(user=person)

    assert not keys.disable(key=key, by=OPERATOR).is_active
    assert last_event() == ("access-key.disabled", "done", "", "access-key", key.key_id)
    assert refused(lambda: keys.enable(key=key, by=OPERATOR)) is keys.NotOwnAccessKey
    keys.delete(key=key, by=OPERATOR)

    assert last_event() == ("access-key.deleted", "done", "", "access-key", key.key_id)
    assert AuditEvent.objects.first().accounts == [person.account.account_id]
    assert not AccessKey.objects.exists()


def test_a_key_is_disabled_and_enabled_again(person):
    key = AccessKeyFactory.create(user=person)

    keys.disable(key=key, by=acting(person))
    assert not AccessKey.objects.get().is_active
    assert refused(lambda: keys.disable(key=key, by=acting(person))) is keys.AccessKeyIsDisabled
    keys.enable(key=key, by=acting(person))
    assert AccessKey.objects.get().is_active
    assert last_event() == ("access-key.enabled", "done", "", "access-key", key.key_id)
    assert refused(lambda: keys.enable(key=key, by=acting(person))) is keys.AccessKeyIsActive
    assert keys.decrypt_secret(AccessKey.objects.get()) == SECRET


@pytest.mark.parametrize("verb", ["disable", "enable", "delete"])
def test_a_deleted_key_cannot_be_changed(person, verb):
    key = AccessKeyFactory.create(user=person)
    AccessKey.objects.all().delete()
    AccessKeyFactory.create(user=person)

    refusal = refused(
        lambda: getattr(keys, verb)(key=AccessKey(pk=key.pk + 9, user=person), by=acting(person))
    )

    assert refusal is keys.NoSuchAccessKey
    assert AccessKey.objects.count() == 1


# Find


def test_a_key_is_found_with_its_person_and_account_in_one_query(person, django_assert_num_queries):
    AccessKeyFactory.create(key_id="ab" * 16, user=person)

    with django_assert_num_queries(1):
        key = find("ab" * 16)
        actor = keys.build_key_actor(key, address="192.0.2.7", request_id="r-1")
        assert keys.decrypt_secret(key) == SECRET

    assert actor == Actor(
        account=person.account,
        name="mei",
        role=Role.ADMIN,
        channel=Channel.API,
        address="192.0.2.7",
        request_id="r-1",
        access_key_id="ab" * 16,
    )


def test_unknown_and_malformed_key_ids_are_not_found(person, django_assert_num_queries):
    key = AccessKeyFactory.create(user=person)

    assert keys.find_usable("ab" * 16) is None
    with django_assert_num_queries(0):
        for text in ("", "\0", "x", key.key_id.upper() + "A", key.key_id + "\n", "\udcff" * 32):
            assert keys.find_usable(text) is None


def test_a_disabled_key_is_not_found(person):
    key = AccessKeyFactory.create(user=person, is_active=False)

    assert keys.find_usable(key.key_id) is None


def test_the_key_of_an_inactive_person_is_not_found(person):
    key = AccessKeyFactory.create(user=person)
    person.is_active = False
    person.save()

    assert keys.find_usable(key.key_id) is None


def test_the_key_of_a_person_without_an_account_is_not_found(db):
    key = AccessKeyFactory.create(user=OperatorFactory.create())

    assert keys.find_usable(key.key_id) is None


# Last used


def test_the_last_use_is_recorded_once_a_minute(person, time_machine, django_assert_num_queries):
    key = AccessKeyFactory.create(user=person)
    other = AccessKeyFactory.create(user=person)
    time_machine.move_to(NOON, tick=False)

    with django_assert_num_queries(2):
        keys.touch(find(key.key_id))
    time_machine.move_to(NOON + timedelta(seconds=59))
    with django_assert_num_queries(1):
        keys.touch(find(key.key_id))
    assert find(key.key_id).last_used_at == NOON
    time_machine.move_to(NOON + timedelta(seconds=60))
    keys.touch(find(key.key_id))

    assert find(key.key_id).last_used_at == NOON + timedelta(seconds=60)
    assert find(other.key_id).last_used_at is None


def test_a_last_use_recorded_by_another_process_is_kept(person, time_machine):
    stale = AccessKeyFactory.create(user=person)
    time_machine.move_to(NOON, tick=False)
    keys.touch(find(stale.key_id))
    time_machine.move_to(NOON + timedelta(seconds=1))

    keys.touch(stale)

    assert find(stale.key_id).last_used_at == NOON


# Secrets


def test_the_database_contains_no_plain_secret(person):
    key, secret = issue(person)

    assert key.key_id in read_tables()
    assert secret not in read_tables()
    assert secret not in repr(key.__dict__)


def test_the_log_and_the_queries_contain_no_plain_secret(person, caplog, django_assert_num_queries):
    caplog.set_level(logging.DEBUG)

    with django_assert_num_queries(7) as statements:
        key, secret = issue(person)
        keys.decrypt_secret(key)

    assert secret not in caplog.text
    assert secret not in str(statements.captured_queries)


def test_swapped_ciphertexts_cannot_be_decrypted(person):
    one, other = AccessKeyFactory.create_batch(2, user=person)
    AccessKey.objects.filter(pk=one.pk).update(encrypted_secret=other.encrypted_secret)
    AccessKey.objects.filter(pk=other.pk).update(encrypted_secret=one.encrypted_secret)

    for key in AccessKey.objects.all():
        with pytest.raises(keys.UnreadableSecret, match=key.key_id):
            keys.decrypt_secret(key)
    assert keys.count_unreadable() == 2


def test_a_changed_ciphertext_cannot_be_decrypted(person):
    key = AccessKeyFactory.create(user=person)
    text = key.encrypted_secret
    key.encrypted_secret = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]

    with pytest.raises(keys.UnreadableSecret):
        keys.decrypt_secret(key)


def test_an_account_sees_the_events_of_its_keys(person):
    key, _secret = issue(person)
    keys.disable(key=key, by=OPERATOR)
    AccessKeyFactory.create(user__account=AccountFactory.create())

    events = AuditEvent.objects.concerning(person.account)

    assert [event.verb for event in events] == ["access-key.disabled", "access-key.created"]
