"""The three surfaces: each takes an action of the model, and returns how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.messages import ERROR
from django.test import Client

from accounts.models import AccessKey, User
from accounts.models import Account as AccountRow
from images.models import Image as ImageRow
from images.models import ShareGrant

from ..admin import ask, confirm, open_form
from ..console.api.programs import Program
from ..dom import get_values
from ..images.views.instance_pages import fill_form
from .world import Account, Image, Instance, Person, Unshare

DONE, REFUSED, MISSING, SIGNED_OUT = "done", "refused", "missing", "signed out"
NOBODY = "nobody-has-this-name"


def get_text(account: Account | None, kind: str = "name") -> str:
    return getattr(account, kind) if account else NOBODY


class Console:
    """The pages, with one browser for each person."""

    def __init__(self) -> None:
        self.browsers: dict[Person, Client] = {}

    def open(self, person: Person) -> Client:
        """Return the person's browser, signed in if that is possible."""
        browser = self.browsers.setdefault(person, Client())
        if not person.is_signed_in:
            assert browser.get("/bj/").status_code == 302, "an old session works again"
            if person.can_sign_in:
                browser.force_login(User.objects.get(username=person.name))
                person.is_signed_in = True
        return browser

    def post(self, person: Person, path: str, **data: object) -> str:
        """Post a form in the person's browser, as it was opened."""
        answer = self.browsers[person].post(path, data)
        if answer.status_code in {302, 303}:
            return SIGNED_OUT if answer.url.startswith("/sign-in/") else DONE
        if answer.status_code == 404:
            return MISSING
        assert answer.status_code in {403, 422}, (path, data, answer.status_code)
        return REFUSED

    def at(self, person: Person, image: Image, action: str, **data: object) -> str:
        return self.post(person, f"/{image.region}/images/{image.image_id}/{action}/", **data)

    def share(self, person: Person, image: Image, texts: Sequence[Account | None]) -> str:
        accounts = "\n".join(map(get_text, texts))
        return self.at(person, image, "share", accounts=accounts, acknowledged="on")

    def unshare(self, person: Person, image: Image, chosen: Sequence[Account]) -> str:
        ids = [account.account_id for account in chosen]
        return self.at(person, image, "unshare", recipients=ids)

    def undo(self, person: Person, unshare: Unshare) -> str:
        return self.at(person, unshare.image, f"restore/{unshare.pk}")

    def rename(self, person: Person, image: Image, name: str) -> str:
        return self.at(person, image, "edit", name=name, desc="")

    def delete(self, person: Person, images: Sequence[Image]) -> str:
        if len(images) == 1:
            return self.at(person, images[0], "delete")
        ids = [image.image_id for image in images]
        return self.post(person, f"/{images[0].region}/images/delete/", image=ids)

    def copy(self, person: Person, image: Image, regions: Sequence[str], name: str) -> str:
        return self.at(person, image, "copy", regions=regions, name=name)

    def create_image(self, person: Person, instance: Instance, name: str) -> str:
        data = {"instance": instance.instance_id, "name": name, "desc": ""}
        return self.post(person, f"/{instance.region}/images/create/", **data)

    def launch(self, person: Person, image: Image, name: str) -> str:
        form = fill_form(image, name=name)
        return self.post(person, f"/{image.region}/instances/create/", **form)

    def reinstall(self, person: Person, instance: Instance, image: Image) -> str:
        return self.change(person, instance, "reinstall", **fill_form(image))

    def change(self, person: Person, instance: Instance, action: str, **data: object) -> str:
        path = f"/{instance.region}/instances/{instance.instance_id}/{action}/"
        return self.post(person, path, **data)

    def manage(self, person: Person, other: Person, action: str, **data: object) -> str:
        pk = User.objects.get(username=other.name).pk
        return self.post(person, f"/bj/people/{pk}/{action}/", **data)

    def change_key(self, person: Person, action: str) -> str:
        key = AccessKey.objects.get(user__username=person.name)
        return self.post(person, f"/bj/access-keys/{key.key_id}/{action}/")


class Api:
    """The API, with one signing program for each person."""

    def call(
        self, person: Person, region: str, method: str, path: str, body: object = None, **query: str
    ) -> tuple[str, dict[str, object]]:
        key = AccessKey.objects.get(user__username=person.name)
        program = Program(key, host=f"bcc.{region}.example")
        answer = program(method, f"/v2/{path}", body, **query)
        content = answer.json()
        if answer.status_code == 200:
            return DONE, content
        if answer.status_code == 404:
            return MISSING, content
        assert answer.status_code < 500, content
        return (SIGNED_OUT if content["code"] == "InvalidAccessKeyId" else REFUSED), content

    def at(self, person: Person, image: Image, verb: str, body: object) -> str:
        path = f"image/{image.image_id}"
        return self.call(person, image.region, "POST", path, body, **{verb: ""})[0]

    def share(self, person: Person, image: Image, account: Account | None, kind: str) -> str:
        field = {"name": "account", "account_id": "accountId"}[kind]
        return self.at(person, image, "share", {field: get_text(account, kind)})

    def unshare(self, person: Person, image: Image, account: Account) -> str:
        return self.at(person, image, "unshare", {"account": account.name})

    def rename(self, person: Person, image: Image, name: str) -> str:
        body = {"imageId": image.image_id, "name": name}
        return self.call(person, image.region, "PUT", "image/rename", body)[0]

    def delete(self, person: Person, image: Image) -> str:
        return self.call(person, image.region, "DELETE", f"image/{image.image_id}")[0]

    def copy(self, person: Person, image: Image, regions: Sequence[str], name: str) -> str:
        return self.at(person, image, "remoteCopy", {"name": name, "destRegion": regions})

    def create_image(self, person: Person, instance: Instance, name: str) -> str:
        body = {"imageName": name, "instanceId": instance.instance_id}
        return self.call(person, instance.region, "POST", "image", body)[0]

    def launch(self, person: Person, image: Image, name: str) -> str:
        body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": name}
        return self.call(person, image.region, "POST", "instanceBySpec", body)[0]

    def change(self, person: Person, instance: Instance, action: str) -> str:
        path = f"instance/{instance.instance_id}"
        if action == "release":
            return self.call(person, instance.region, "DELETE", path)[0]
        body = {} if action == "start" else {"forceStop": False}
        return self.call(person, instance.region, "PUT", path, body, **{action: ""})[0]


class Administration:
    """The operator's pages."""

    def __init__(self) -> None:
        self.browser = Client()

    def sign_in(self, operator: Person) -> None:
        self.browser.force_login(User.objects.get(username=operator.name))

    def post(self, path: str, **data: object) -> str:
        return self.read(self.browser.post(path, data, follow=True))

    def read(self, answer: object) -> str:
        """Return how an action ended, from the messages of the page that follows."""
        status = answer.status_code
        assert status in {200, 422}, status
        errors = [each for each in answer.context["messages"] if each.level == ERROR]
        return REFUSED if errors or status == 422 else DONE

    def page_of(self, image: Image) -> str:
        return f"/admin/images/image/{ImageRow.objects.get(image_id=image.image_id).pk}/"

    def share(self, image: Image, texts: Sequence[Account | None]) -> str:
        page, accounts = f"{self.page_of(image)}share/", "\n".join(map(get_text, texts))
        checked = self.browser.post(page, {"accounts": accounts, "check": "1"}, follow=True)
        shown = get_values(checked, "shown")
        data = {"accounts": accounts, "shown": shown, "acknowledged": "on", "ok": "1"}
        return self.post(page, **data)

    def unshare(self, image: Image, chosen: Sequence[Account]) -> str:
        ids = [account.account_id for account in chosen]
        rows = ShareGrant.objects.filter(image__image_id=image.image_id)
        grants = rows.filter(recipient__account_id__in=ids)
        return self.act("images/sharegrant", "unshare", *grants)

    def act(self, model: str, action: str, *rows: object) -> str:
        page = f"/admin/{model}/"
        question = ask(self.browser, page, action, *rows)
        return self.read(confirm(self.browser, page, question))

    def undo(self, unshare: Unshare) -> str:
        page = f"/admin/images/sharegrant/undo/{unshare.pk}/"
        shown = self.browser.get(page)
        names = {event: f"accounts-{event}" for event in self.find_events(shown)}
        data = {name: get_values(shown, name) for name in names.values()}
        return self.post(page, **data)

    def find_events(self, shown: object) -> list[int]:
        return [review.event.pk for review in shown.context["reviews"]]

    def delete(self, image: Image) -> str:
        return self.post(f"{self.page_of(image)}delete/", post="yes")

    def set_limits(self, account: Account, limits: Sequence[int]) -> str:
        page = f"{self.page_of_account(account)}change/"
        names = ("custom_image_limit", "recipient_limit", "received_image_limit")
        values: dict[str, Any] = dict(zip(names, limits, strict=True))
        return self.save(page, **values, limits_reason="tests")

    def save(self, page: str, *, without: str = "", **values: Any) -> str:
        form: dict[str, Any] = open_form(self.browser, page) | values
        form.pop(without, None)
        return self.post(page, **form)

    def switch(self, person: Person, *, active: bool) -> str:
        """Deactivate or reactivate a person on the form of the person."""
        page = f"/admin/accounts/user/{User.objects.get(username=person.name).pk}/change/"
        return self.save(page, is_active="on") if active else self.save(page, without="is_active")

    def page_of_account(self, account: Account) -> str:
        pk = AccountRow.objects.get(account_id=account.account_id).pk
        return f"/admin/accounts/account/{pk}/"

    def close(self, account: Account, choice: str, to: Account) -> str:
        page = f"{self.page_of_account(account)}close/"
        shown = self.browser.get(page).context
        data = {"images": choice, "to": to.name, "shown": shown["shown"]}
        if number := getattr(shown["form"], "expected", 0):
            data["number"] = number
        answer = self.browser.post(page, data)  # a refusal shows the form again
        return DONE if answer.status_code == 302 else REFUSED

    def reopen(self, account: Account) -> str:
        return self.post(f"{self.page_of_account(account)}reopen/")
