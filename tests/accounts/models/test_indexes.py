from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Account
from accounts.models.indexes import has_part

from ...factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("ments", True), ("MEN", True), ("pa", True), ("P", True), ("ay", False), ("100%", False)],
)
def test_a_text_is_found_in_a_field_and_a_short_one_at_its_beginning(text, is_found):
    account = AccountFactory.create(name="payments")

    assert list(Account.objects.filter(has_part("name", text))) == ([account] if is_found else [])


def test_no_index_is_the_beginning_of_another_and_none_is_only_for_like():
    """Each index costs every new row."""
    query = """
        WITH own AS (
            SELECT indexrelid::regclass::text AS name, indrelid, indisunique,
                indkey::text || ' ' AS keys, indpred IS NULL AND indexprs IS NULL AS is_plain
            FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
            WHERE relname ~ '^(accounts|images)_' AND relname !~ '^accounts_user_'
        )
        SELECT each.name FROM own AS each JOIN own AS other ON other.indrelid = each.indrelid
            AND other.name <> each.name AND starts_with(other.keys, each.keys)
            AND NOT each.indisunique AND each.is_plain AND other.is_plain
        UNION ALL
        SELECT own.name FROM own JOIN pg_index ON indexrelid = own.name::regclass
            JOIN pg_opclass ON pg_opclass.oid = ANY (indclass) AND opcname ~ 'pattern_ops$'
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchall() == []
