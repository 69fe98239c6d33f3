"""The operators' pages that create departments: on a form, and from a file."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, AuditEvent, User

from ...dom import find_all, get_text
from ...factories import AccountFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/account/add/"
IMPORT = "/admin/accounts/account/import/"
VALUES = {"name": "payments", "uc_account": "", "account_id": "a" * 32, "role": "admin"}


def get_link(page):
    """Return the link on a page that shows an invitation."""
    (code,) = find_all(page, "code", class_="link")
    return get_text(code).removeprefix("http://testserver")


def test_a_department_is_an_account_and_its_first_person(operator):
    page = operator.post(ADD, VALUES | {"username": "mei", "role": "sharer"})

    account = Account.objects.get()
    assert (account.name, account.uc_account, account.account_id) == (
        "payments",
        "uc-payments",
        "a" * 32,
    )
    person = User.objects.get(username="mei")
    assert (person.account, person.role) == (account, "sharer")
    form = Client().get(get_link(page), follow=True).content.decode()
    assert "You are <b>mei</b> of the account <b>payments</b>." in form


def test_creating_a_department_is_one_batch_of_the_audit_trail(operator):
    operator.post(ADD, VALUES | {"username": "mei"})

    events = AuditEvent.objects.order_by("pk").values_list("verb", "actor", "request_id")
    assert [verb for verb, _, _ in events] == ["record.added", "person.added", "person.invited"]
    assert {actor for _, actor, _ in events} == {"op"}
    assert len({request_id for _, _, request_id in events}) == 1


def test_an_account_can_be_added_without_a_person(operator):
    answer = operator.post(ADD, VALUES | {"username": "", "uc_account": "uc-pay"})

    assert answer.url == "/admin/accounts/account/"
    assert Account.objects.get().uc_account == "uc-pay"
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", ["mei", "m e i"])
def test_a_username_that_cannot_be_used_is_refused_beside_its_field(operator, username):
    UserFactory.create(username="mei", account=AccountFactory.create(name="search"))

    page = operator.post(ADD, VALUES | {"username": username})

    assert page.status_code == 422
    assert page.context["adminform"].form.errors["username"]
    assert not Account.objects.filter(name="payments").exists()


def sign_in_with(*permissions):
    person = OperatorFactory.create(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return client


def test_who_may_not_add_people_adds_only_accounts():
    client = sign_in_with("add_account", "view_account")

    page = client.get(ADD).content.decode()
    client.post(ADD, VALUES | {"username": "mei"})

    assert "First person" not in page
    assert Account.objects.get().name == "payments"
    assert not User.objects.filter(username="mei").exists()


def test_without_passwords_no_person_is_offered(operator, settings):
    settings.LOCAL_SIGN_IN = False

    assert "First person" not in operator.get(ADD).content.decode()
    assert operator.post(ADD, VALUES | {"username": "mei"}).status_code == 302


def upload(client, text):
    return client.post(IMPORT, {"file": SimpleUploadedFile("a.csv", text.encode())})


def get_plan(page):
    return {"plan": page.context["plan"]}


TEXT = "account,username,role\npayments,mei,admin\nsearch,lin,viewer\n"


def test_a_file_is_previewed_and_nothing_is_saved(operator):
    page = upload(operator, TEXT)

    cells = [get_text(cell).strip() for cell in find_all(page, "td")]
    assert cells[:5] == ["1", "payments", "mei", "admin", "New account and person"]
    assert not Account.objects.exists()
    assert not AuditEvent.objects.exists()


def test_ok_imports_what_was_shown_and_shows_the_links(operator):
    page = operator.post(IMPORT, get_plan(upload(operator, TEXT)))

    content = page.content.decode()
    assert "New accounts: 2. New people: 2." in content
    assert content.count('<code class="link">http://testserver/invitation/') == 2
    assert [account.name for account in Account.objects.all()] == ["payments", "search"]
    assert len(set(AuditEvent.objects.values_list("request_id", flat=True))) == 1


def test_a_wrong_row_leaves_no_button(operator):
    page = upload(operator, TEXT + "sea rch,wei,\n")

    content = page.content.decode()
    assert "1 row can't be imported, so none is." in content
    assert 'name="plan"' not in content


def test_what_changed_since_the_preview_is_shown_again_and_nothing_is_saved(operator):
    plan = get_plan(upload(operator, TEXT))
    AccountFactory.create(name="search")

    page = operator.post(IMPORT, plan)

    assert page.status_code == 409
    assert "Somebody else changed accounts meanwhile." in page.content.decode()
    assert not Account.objects.filter(name="payments").exists()
    assert operator.post(IMPORT, get_plan(page)).status_code == 200
    assert Account.objects.filter(name="payments").exists()


def test_a_plan_that_is_sent_twice_is_imported_once_and_still_shows_links(operator):
    plan = get_plan(upload(operator, TEXT))
    operator.post(IMPORT, plan)

    page = operator.post(IMPORT, plan).content.decode()

    assert Account.objects.count() == 2
    assert "This file was imported already." in page
    assert "New accounts: 2. New people: 2." in page
    assert page.count('<code class="link">http://testserver/invitation/') == 2


def test_a_plan_that_is_sent_again_invites_nobody_who_has_a_password(operator):
    plan = get_plan(upload(operator, TEXT))
    operator.post(IMPORT, plan)
    mei = User.objects.get(username="mei")
    mei.set_password("correct-horse-battery")
    mei.save()

    page = operator.post(IMPORT, plan)

    (account,) = find_all(page, "th", scope="row")
    assert get_text(account).strip() == "search"
    assert get_text(find_all(page, "td")[0]).strip() == "lin"


def test_a_plan_is_not_invented(operator):
    page = operator.post(IMPORT, {"plan": "x"})

    assert page.status_code == 422
    assert "This page is too old. Choose the file again." in page.content.decode()


def test_a_file_that_is_there_already_offers_nothing(operator):
    operator.post(IMPORT, get_plan(upload(operator, TEXT)))

    page = upload(operator, TEXT).content.decode()

    assert "Everything in this file is already there." in page
    assert 'name="plan"' not in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a,b\n1,2\n", "The first row must have headings"), ("", "The submitted file is empty.")],
)
def test_a_file_without_accounts_is_refused_beside_its_field(operator, text, sentence):
    page = upload(operator, text)

    assert page.status_code == 422
    assert sentence in str(page.context["form"].errors["file"])


@pytest.mark.parametrize("missing", ["add_account", "add_user"])
def test_the_import_needs_both_permissions(missing):
    rights = {"add_account", "add_user", "view_account"} - {missing}
    client = sign_in_with(*rights)

    assert client.get(IMPORT).status_code == 403
    assert IMPORT not in client.get("/admin/accounts/account/").content.decode()


def test_the_list_leads_to_the_import(operator):
    assert f'href="{IMPORT}"' in operator.get("/admin/accounts/account/").content.decode()
