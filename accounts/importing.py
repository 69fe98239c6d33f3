"""Import accounts and people from a table: a row names an account, and a person of it.

What is there already stays as it is, so that a file can be imported again after it has grown. The
preview is the import itself, rolled back: it can't promise what the import then refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from . import audit, changes, invitations, people
from .actors import Actor
from .exceptions import Refused, refuse_if
from .models import Account, Role, User
from .tables import normalize_heading, read_rows

MAX_ROWS = 500
# The columns, with their headings as normalize_heading returns them
HEADINGS = {
    "account": "account accountname baiduaccount 账号 账号名 账号名称 百度账号",
    "uc_account": "ucaccount cloudaccount 云账号",
    "account_id": "accountid userid 账号id 用户id",
    "username": "username user person 用户名 用户",
    "role": "role 角色",
}
COLUMNS = {word: column for column, words in HEADINGS.items() for word in words.split()}


class Effect(models.TextChoices):
    """What a row adds."""

    BOTH = "both", _("New account and person")
    ACCOUNT = "account", _("New account")
    PERSON = "person", _("New person")
    NOTHING = "nothing", _("Already there")


class NoAccountColumn(Refused):
    code = "no-account-column"
    fields = ("file",)
    sentence = _("The first row must have headings, one of them: account.")


class TooManyRows(Refused):
    code = "too-many-rows"
    fields = ("file",)
    sentence = _("Import at most %(limit)d rows at once. This file has %(rows)d.")


class NothingToImport(Refused):
    code = "nothing-to-import"
    fields = ("file",)
    sentence = _("There are no rows below the headings.")


class NoAccountNamed(Refused):
    code = "no-account-named"
    sentence = _("This row names no account.")


class OtherIdentifier(Refused):
    code = "other-identifier"
    sentence = _("The account exists with another identifier: %(identifier)s.")


class PersonOfOtherAccount(Refused):
    code = "person-of-other-account"
    sentence = _("%(username)s is a person of another account.")


class OtherRole(Refused):
    code = "other-role"
    sentence = _("%(username)s exists with another role. Change it on the page of the person.")


class UnknownRole(Refused):
    code = "unknown-role"
    sentence = _("The role must be viewer, sharer or admin.")


class JustAdded(Refused):
    code = "just-added"
    sentence = _("Somebody else adds the same account or person right now. Try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    account: str = ""
    uc_account: str = ""
    account_id: str = ""
    username: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a row did, or why it could not. `invitation` is the path for a new person."""

    row: Row
    effect: Effect = Effect.NOTHING
    problem: str = ""
    invitation: str = ""

    @property
    def verdict(self) -> str:
        return self.problem or str(self.effect.label)


def read_file(data: bytes) -> list[Row]:
    """Return the rows of a CSV file. Columns with other headings are left out.

    Raises UnreadableFile, FileTooLarge, NoAccountColumn, NothingToImport or TooManyRows.
    """
    headings, *rows = read_rows(data) or [[]]
    columns = [COLUMNS.get(normalize_heading(heading)) for heading in headings]
    if "account" not in columns:
        raise NoAccountColumn
    if not rows:
        raise NothingToImport
    if len(rows) > MAX_ROWS:
        raise TooManyRows(limit=MAX_ROWS, rows=len(rows))
    return [
        Row(**{column: cell.strip() for column, cell in zip(columns, row, strict=False) if column})
        for row in rows
    ]


def preview(rows: Iterable[Row], *, by: Actor) -> list[Result]:
    """Return what the import would do."""
    with transaction.atomic():
        results = [try_row(row, by) for row in rows]
        transaction.set_rollback(True)
    return results


def import_rows(
    rows: Iterable[Row], *, by: Actor, shown: Sequence[str] | None = None
) -> list[Result]:
    """Import all rows, or none if a row can't be or does anything else than was `shown`."""
    with transaction.atomic():
        results = [try_row(row, by) for row in rows]
        if not is_importable(results) or shown not in (None, get_effects(results)):
            transaction.set_rollback(True)
    return results


def is_importable(results: Iterable[Result]) -> bool:
    return not any(result.problem for result in results)


def get_effects(results: Iterable[Result]) -> list[str]:
    return [result.effect.value for result in results]


def try_row(row: Row, by: Actor) -> Result:
    try:
        with transaction.atomic():
            return run_row(row, by)
    except ValidationError as error:
        return Result(row=row, problem=" ".join(error.messages))
    except IntegrityError:
        return Result(row=row, problem=str(JustAdded()))
    except Refused as refusal:
        return Result(row=row, problem=str(refusal))


def run_row(row: Row, by: Actor) -> Result:
    if not row.account:
        raise NoAccountNamed
    account = Account.objects.filter(name=row.account).first()
    if account is not None:
        refuse_if(against_identifiers(row, account))
        person = find_or_add_person(row, account, by)
        effect = Effect.PERSON if person else Effect.NOTHING
    else:
        person = find_or_add_person(row, add_account(row, by), by)
        effect = Effect.BOTH if person else Effect.ACCOUNT
    invitation = invitations.issue(person=person, by=by) if person else ""
    return Result(row=row, effect=effect, invitation=invitation)


def against_identifiers(row: Row, account: Account) -> Refused | None:
    """Return the refusal of a row that names an existing account with another identifier."""
    for wanted, identifier in (
        (row.uc_account, account.uc_account),
        (row.account_id, account.account_id),
    ):
        if wanted not in ("", identifier):
            return OtherIdentifier(identifier=identifier)
    return None


def add_account(row: Row, by: Actor) -> Account:
    account = Account(name=row.account, uc_account=row.uc_account or f"uc-{row.account}")
    account.account_id = row.account_id or account.account_id
    account.full_clean()
    account.save(force_insert=True)
    target = audit.build_account_target(account)
    audit.record(by, audit.Verb.ADD, target=target, changes=changes.added(account))
    return account


def find_or_add_person(row: Row, account: Account, by: Actor) -> User | None:
    """Return the new person, or None if the row names nobody or somebody who is there already."""
    role = read_role(row.role)
    if not row.username:
        return None
    person = User.objects.filter(username=row.username).first()
    if person is None:
        return people.add(account=account, username=row.username, role=role or Role.ADMIN, by=by)
    if person.account_id != account.pk:
        raise PersonOfOtherAccount(username=row.username)
    if role not in (None, person.role):
        raise OtherRole(username=row.username)
    return None


def read_role(text: str) -> Role | None:
    """Return the role with this name, in English or the reader's language. Raises UnknownRole."""
    if not text:
        return None
    with override("en"):
        names = {str(role.label): role for role in Role}
    names |= {str(role.label): role for role in Role} | {role.value: role for role in Role}
    by_name = {name.casefold(): role for name, role in names.items()}
    if text.casefold() not in by_name:
        raise UnknownRole
    return by_name[text.casefold()]
