"""Signing in through a real OpenID provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import AuditEvent, Identity, Role, User

from ..factories import PASSWORD, AccountFactory, RegionFactory, UserFactory
from ..openid import Visitor
from .signing_in import sign_in as sign_in_with_password

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def payments(db):
    RegionFactory.create()
    return AccountFactory.create(name="payments", uc_account="uc-payments")


@pytest.fixture
def li(provider):
    provider.say("4711", preferred_username="li", account="payments", groups=[])


@pytest.fixture
def sign_in_with(client, provider, sign_in):
    """Return a function that signs in a person about whom the provider says this."""

    def sign_in_with(**claims):
        provider.say("4711", **{"preferred_username": "li", "account": "payments"} | claims)
        return sign_in(client, "4711")

    return sign_in_with


def get_events():
    events = AuditEvent.objects.order_by("pk")
    return list(events.values_list("verb", "outcome", "reason", "actor"))


def test_the_first_sign_in_creates_the_person(client, li, sign_in, payments):
    answer = sign_in(client, "4711", next_url="/bj/images/?type=shared")

    assert (answer.status_code, answer.url) == (302, "/bj/images/?type=shared")
    assert client.get("/bj/images/").status_code == 200
    person = User.objects.get(username="li")
    assert (person.account, person.role, person.is_staff) == (payments, Role.VIEWER, False)
    assert not person.has_usable_password()
    assert get_events() == [
        ("person.added", "done", "", "single sign-on"),
        ("session.signed-in", "done", "", "li"),
    ]


def test_the_account_sees_that_the_provider_brought_the_person(client, li, sign_in):
    sign_in(client, "4711")

    page = client.get("/bj/activity/?verb=person.added").content.decode()

    assert "Identity provider" in page
    assert "Command line" not in page


def test_the_second_sign_in_finds_the_person_by_issuer_and_subject(client, li, provider, sign_in):
    sign_in(client, "4711")
    provider.say("4711", preferred_username="renamed", account="payments")
    sign_in(Client(), "4711")

    assert User.objects.get().username == "li"
    assert Identity.objects.get().subject == "4711"


@pytest.mark.parametrize("name", ["payments", "uc-payments", "f" * 32])
def test_every_identifier_names_the_account(sign_in_with, payments, name):
    payments.account_id = "f" * 32
    payments.save()

    assert sign_in_with(account=name).status_code == 302


UNKNOWN = "This console has no account named nowhere. Ask an operator to create it."
NONE = (
    "Your organization's sign-in doesn't say which account you work in. Ask the people who manage "
    "it."
)
UNUSABLE = "The username li li can't be used here. Ask the people who manage it."
TAKEN = (
    "Another person is already called MEI here. Ask an operator to connect or rename that person."
)


@pytest.mark.parametrize(
    ("claims", "reason", "sentence"),
    [
        ({"account": "nowhere"}, "sso-unknown-account", UNKNOWN),
        ({"account": ""}, "sso-no-account", NONE),
        ({"preferred_username": "li li"}, "sso-unusable-username", UNUSABLE),
        ({"preferred_username": "MEI"}, "sso-username-taken", TAKEN),
    ],
)
def test_nobody_is_created_for_claims_that_fit_nothing(
    client, sign_in_with, claims, reason, sentence
):
    UserFactory.create(username="mei")

    answer = sign_in_with(**claims)

    assert answer.status_code == 403
    assert str(answer.context["refusal"]) == sentence
    assert get_events()[-1][:3] == ("session.signed-in", "refused", reason)
    assert list(User.objects.values_list("username", flat=True)) == ["mei"]
    assert client.get("/bj/").status_code == 302


def test_a_closed_account_lets_nobody_in(client, li, sign_in, payments, django_user_model):
    payments.closed_at = payments.created_at
    payments.save()

    answer = sign_in(client, "4711")

    assert str(answer.context["refusal"]) == "This account is closed."
    assert not django_user_model.objects.exists()


def test_a_person_deactivated_here_stays_out(client, li, sign_in):
    sign_in(client, "4711")
    User.objects.update(is_active=False)

    answer = sign_in(Client(), "4711")

    assert str(answer.context["refusal"]) == (
        "An operator or administrator has deactivated you here."
    )


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], "viewer"),
        (["sharers"], "sharer"),
        (["sharers", "admins"], "admin"),
        ("admins", "admin"),
    ],
)
def test_the_highest_role_of_the_groups_is_given(sign_in_with, settings, groups, role):
    settings.OIDC_ROLES = {"admins": "admin", "sharers": "sharer"}

    sign_in_with(groups=groups)

    assert User.objects.get().role == role


def test_the_role_follows_at_the_next_sign_in(sign_in_with, settings):
    settings.OIDC_ROLES = {"admins": "admin"}
    sign_in_with(groups=["admins"])
    sign_in_with(groups=[])

    assert User.objects.get().role == "viewer"
    event = AuditEvent.objects.get(verb="record.changed")
    assert event.detail["changes"] == {"role": {"before": "admin", "after": "viewer"}}


def test_roles_given_in_the_console_stay(client, li, sign_in):
    sign_in(client, "4711")
    User.objects.update(role="admin")
    sign_in(Client(), "4711")

    assert User.objects.get().role == "admin"


def test_operators_are_the_people_of_a_group(client, sign_in_with, settings):
    settings.OIDC_OPERATOR_GROUP = "ops"

    assert sign_in_with(account="", groups=["ops"]).url == "/"
    assert client.get("/admin/").status_code == 200

    User.objects.update(is_superuser=True)
    sign_in_with(account="payments", groups=[])

    li = User.objects.get()
    assert (li.is_staff, li.is_superuser, li.account.name) == (False, False, "payments")
    assert client.get("/admin/").status_code == 302
    first, second = AuditEvent.objects.filter(verb="record.changed").order_by("pk")
    assert first.detail["changes"] == {"groups": {"before": "", "after": "Operators"}}
    assert second.detail["changes"]["groups"] == {"before": "Operators", "after": ""}


def test_who_moves_to_another_account_is_signed_out_elsewhere(client, li, provider, sign_in):
    sign_in(client, "4711")
    AccountFactory.create(name="search")
    provider.say("4711", preferred_username="li", account="search")
    other = Client()
    sign_in(other, "4711")

    assert User.objects.get().account.name == "search"
    assert client.get("/bj/").status_code == 302
    assert other.get("/bj/").status_code == 200
    event = AuditEvent.objects.filter(verb="person.moved").first()
    assert (event.actor, event.detail["before"], event.detail["after"]) == (
        "single sign-on",
        "payments",
        "search",
    )


def test_a_page_of_the_former_account_cant_be_sent(client, li, provider, sign_in, payments):
    sign_in(client, "4711")
    drawn_for = f"{payments.account_id} payments li"
    AccountFactory.create(name="search")
    provider.say("4711", preferred_username="li", account="search")
    sign_in(client, "4711")

    answer = client.post("/bj/images/create/", {"drawn_for": drawn_for})

    assert answer.status_code == 409


# Answers that aren't for this sign-in


def leave(client, provider, subject="4711"):
    """Go to the provider as this person. Return the address that leads back."""
    back = urlsplit(Visitor(provider).go(client.get("/sign-in/sso/").url, subject))
    return f"{back.path}?{back.query}"


def change_session(client, **changes):
    session = client.session
    ((name, kept),) = ((n, v) for n, v in session.items() if n.startswith("_state_"))
    kept["data"] |= changes
    session[name] = kept
    session.save()


def assert_failed(client, answer):
    assert answer.status_code == 400
    assert str(answer.context["refusal"]) == "The sign-in wasn't completed. Start it again."
    assert not User.objects.exists()
    assert client.get("/bj/").status_code == 302


def test_the_way_there_has_pkce_state_and_nonce(client, provider):
    query = parse_qs(urlsplit(client.get("/sign-in/sso/").url).query)

    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["http://testserver/sign-in/sso/callback/"]
    assert {len(query[name][0]) for name in ("code_challenge", "state", "nonce")} == {43, 30, 20}


def test_the_answer_to_another_browser_is_refused(client, li, provider):
    back = leave(Client(), provider)
    client.get("/sign-in/sso/")

    assert_failed(client, client.get(back))
    assert get_events() == []


def test_an_answer_works_once(client, li, provider):
    back = leave(client, provider)

    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400


@pytest.mark.parametrize("name", ["nonce", "code_verifier"])
def test_a_wrong_nonce_or_verifier_is_refused(client, li, provider, name):
    back = leave(client, provider)
    change_session(client, **{name: "x" * 48})

    assert_failed(client, client.get(back))
    assert get_events() == [("session.signed-in", "refused", "sso-failed", "")]


def test_a_wrong_code_is_refused(client, li, provider):
    state = parse_qs(urlsplit(leave(client, provider)).query)["state"][0]

    assert_failed(client, client.get(f"/sign-in/sso/callback/?state={state}&code=wrong"))


def test_who_cancels_at_the_provider_comes_back(client, provider):
    state = parse_qs(urlsplit(client.get("/sign-in/sso/").url).query)["state"][0]

    back = client.get(f"/sign-in/sso/callback/?error=access_denied&state={state}")

    assert_failed(client, back)


def test_another_issuer_is_refused(client, provider, settings):
    settings.OIDC_ISSUER = provider.issuer.replace("127.0.0.1", "localhost")

    answer = client.get("/sign-in/sso/")

    assert answer.status_code == 503
    assert str(answer.context["refusal"]) == (
        "Single sign-on can't be reached. Try again in a few minutes."
    )


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_single_sign_on_does_not_redirect_to_other_sites(client, li, sign_in, url):
    assert sign_in(client, "4711", next_url=url).url == "/"


# The sign-in page


def test_the_sign_in_page_offers_what_is_set_up(client, provider, settings):
    both = client.get("/sign-in/?next=/bj/images/").content.decode()
    settings.LOCAL_SIGN_IN = False
    single = client.get("/sign-in/").content.decode()
    settings.LOCAL_SIGN_IN, settings.OIDC_ISSUER = True, ""
    local = client.get("/sign-in/").content.decode()

    link, password = "/sign-in/sso/?next=", 'type="password"'
    assert (f"{link}/bj/images/" in both, password in both) == (True, True)
    assert (link in single, password in single) == (True, False)
    assert (link in local, password in local) == (False, True)


def test_without_a_provider_there_is_no_single_sign_on(client):
    assert client.get("/sign-in/sso/").status_code == 404
    assert client.get("/sign-in/sso/callback/").status_code == 404
    assert client.post("/sign-in/sso/logout/").status_code == 404


def test_no_password_signs_in_if_passwords_are_off(client, user, li, sign_in, settings):
    settings.LOCAL_SIGN_IN = False

    assert sign_in_with_password(client, "mei", PASSWORD).status_code == 403
    assert not client.login(username="mei", password=PASSWORD)
    assert sign_in(client, "4711").status_code == 302
    assert client.get("/bj/").status_code == 200


def test_attempts_are_limited_by_address(client, provider, settings):
    settings.SSO_ATTEMPTS_PER_ADDRESS = (1, 600)

    assert client.get("/sign-in/sso/").status_code == 302
    answer = client.get("/sign-in/sso/")

    assert answer.status_code == 429
    assert str(answer.context["refusal"]) == "Too many attempts. Try again in 10 minutes."


def test_forged_sign_outs_are_limited_by_address(client, provider, settings):
    settings.SSO_ATTEMPTS_PER_ADDRESS = (2, 600)

    answers = [client.post("/sign-in/sso/logout/", {"logout_token": "x"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[-1]["Retry-After"] == "600"


# The provider signs people out


def test_a_sign_out_at_the_provider_ends_the_sessions(provider, li, sign_in, client):
    visitor = Visitor(provider)
    sign_in(client, "4711", visitor=visitor)
    visitor.sign_out()

    message = provider.taken.pop()
    answer = Client(enforce_csrf_checks=True).post("/sign-in/sso/logout/", message)

    assert answer.status_code == 200
    assert client.get("/bj/").status_code == 302
    assert User.objects.get().is_active


@pytest.mark.parametrize("token", ["", "x.y.z", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_sign_out_is_refused(provider, client, token):
    assert client.post("/sign-in/sso/logout/", {"logout_token": token}).status_code == 400
