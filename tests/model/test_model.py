"""Random actions on the console, the API and the administration, compared with one small model.

`make model` runs 5,000 steps with a new seed, which it prints.
"""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from . import offices
from .checks import REGIONS
from .machine import Machine

STEPS = int(os.environ.get("MODEL_STEPS", "200"))
SEED = int(os.environ.get("MODEL_SEED", "1"))
STEPS_OF_A_RUN = 50
DATA = st.data()
ACTIONS = st.sampled_from(["start", "stop", "reboot", "release"])
ROLES = st.sampled_from(["viewer", "sharer", "admin"])
LIMITS = st.tuples(*[st.integers(0, 4)] * 3)


class Surfaces(Machine):
    """The actions: each is a prediction of the model, and a call of a surface."""

    # Sharing

    @rule(data=DATA)
    def share_on_the_console(self, data):
        person = self.pick_person(data)
        image, texts = self.pick_image(data, person), self.pick_accounts(data)
        self.run(
            person,
            "console",
            lambda: self.world.share(image, texts, person, strictly=False),
            lambda: self.console.share(person, image, texts),
        )

    @rule(data=DATA, kind=st.sampled_from(["name", "account_id"]))
    def share_by_the_api(self, data, kind):
        person = self.pick_person(data)
        image, (account, *_) = self.pick_image(data, person), self.pick_accounts(data)
        self.run(
            person,
            "api",
            lambda: self.world.share(image, [account], person, strictly=True),
            lambda: self.api.share(person, image, account, kind),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.custom_images)
    def share_in_the_administration(self, data):
        image, texts = self.pick(data, self.custom_images), self.pick_accounts(data)
        self.run(
            self.operator,
            "admin",
            lambda: self.world.share(image, texts, self.operator, strictly=False),
            lambda: self.administration.share(image, texts),
        )

    @rule(data=DATA)
    def unshare_on_the_console(self, data):
        person = self.pick_person(data)
        image = self.pick_image(data, person)
        chosen = self.pick_recipients(data, image)
        self.run(
            person,
            "console",
            lambda: self.world.unshare(image, chosen, person, forgiving=True),
            lambda: self.console.unshare(person, image, chosen),
        )

    @rule(data=DATA)
    def unshare_by_the_api(self, data):
        person = self.pick_person(data)
        image = self.pick_image(data, person)
        account = self.pick_recipients(data, image)[0]
        self.run(
            person,
            "api",
            lambda: self.world.unshare(image, [account], person, forgiving=False),
            lambda: self.api.unshare(person, image, account),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.shared_images)
    def unshare_in_the_administration(self, data):
        image = self.pick(data, self.shared_images)
        chosen = list(image.grants)
        self.run(
            self.operator,
            "admin",
            lambda: self.world.unshare(image, chosen, self.operator, forgiving=False),
            lambda: self.administration.unshare(image, chosen),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.world.unshares)
    def undo_on_the_console(self, data):
        unshare = self.pick(data, self.world.unshares[-6:])
        person = self.pick_person(data, unshare.image.owner)
        self.run(
            person,
            "console",
            lambda: self.world.undo(unshare, person),
            lambda: self.console.undo(person, unshare),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.world.unshares)
    def undo_in_the_administration(self, data):
        unshare = self.pick(data, self.world.unshares[-6:])
        self.run(
            self.operator,
            "admin",
            lambda: offices.undo(self.world, unshare, self.operator),
            lambda: self.administration.undo(unshare),
        )

    # Images

    @rule(data=DATA, surface=st.sampled_from(["console", "api"]))
    def rename(self, data, surface):
        person = self.pick_person(data)
        image, name = self.pick_image(data, person), self.new_name("renamed")
        self.run(
            person,
            surface,
            lambda: self.world.rename(image, name, person),
            lambda: getattr(self, surface).rename(person, image, name),
        )

    @rule(data=DATA)
    def delete_on_the_console(self, data):
        person = self.pick_person(data)
        first = self.pick_image(data, person)
        others = [i for i in self.world.images if i.region == first.region and i is not first]
        is_pair = others and data.draw(st.booleans())
        images = [first, self.pick(data, others)] if is_pair else [first]
        images.sort(key=self.world.images.index)
        self.run(
            person,
            "console",
            lambda: self.world.delete(images, person, together=len(images) > 1),
            lambda: self.console.delete(person, images),
        )

    @rule(data=DATA)
    def delete_by_the_api(self, data):
        person = self.pick_person(data)
        image = self.pick_image(data, person)
        self.run(
            person,
            "api",
            lambda: self.world.delete([image], person),
            lambda: self.api.delete(person, image),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.custom_images)
    def delete_in_the_administration(self, data):
        image = self.pick(data, self.custom_images)
        self.run(
            self.operator,
            "admin",
            lambda: self.world.delete([image], self.operator),
            lambda: self.administration.delete(image),
        )

    @rule(data=DATA, surface=st.sampled_from(["console", "api"]), region=st.sampled_from(REGIONS))
    def copy(self, data, surface, region):
        person = self.pick_person(data)
        image, name = self.pick_image(data, person), self.new_name("copy")
        self.run(
            person,
            surface,
            lambda: self.world.copy(image, [region], name, person),
            lambda: getattr(self, surface).copy(person, image, [region], name),
        )

    @rule(data=DATA, surface=st.sampled_from(["console", "api"]))
    @precondition(lambda self: self.world.instances)
    def create_image(self, data, surface):
        person = self.pick_person(data)
        instance, name = self.pick_instance(data, person), self.new_name("image")
        is_page = surface == "console"
        self.run(
            person,
            surface,
            lambda: self.world.create_image(instance, name, person, role_first=is_page),
            lambda: getattr(self, surface).create_image(person, instance, name),
        )

    # Instances

    @rule(data=DATA, surface=st.sampled_from(["console", "api"]))
    def launch(self, data, surface):
        person = self.pick_person(data)
        image, name = self.pick_image(data, person), self.new_name("instance")
        is_page = surface == "console"
        self.run(
            person,
            surface,
            lambda: self.world.launch(image, name, person, role_first=is_page),
            lambda: getattr(self, surface).launch(person, image, name),
        )

    @rule(data=DATA)
    @precondition(lambda self: self.world.instances)
    def reinstall(self, data):
        person = self.pick_person(data)
        instance, image = self.pick_instance(data, person), self.pick_image(data, person)
        self.run(
            person,
            "console",
            lambda: self.world.reinstall(instance, image, person),
            lambda: self.console.reinstall(person, instance, image),
        )

    @rule(data=DATA, action=ACTIONS, surface=st.sampled_from(["console", "api"]))
    @precondition(lambda self: self.world.instances)
    def change_instance(self, data, action, surface):
        person = self.pick_person(data)
        instance = self.pick_instance(data, person)
        self.run(
            person,
            surface,
            lambda: self.world.change(instance, action, person),
            lambda: getattr(self, surface).change(person, instance, action),
        )

    # People, keys and accounts

    @rule(data=DATA, action=st.sampled_from(["deactivate", "reactivate"]))
    def manage_person(self, data, action):
        person = self.pick_person(data)
        other = self.pick(data, self.world.people[:-1])
        self.run(
            person,
            "console",
            lambda: getattr(offices, action)(self.world, other, person),
            lambda: self.console.manage(person, other, action),
        )

    @rule(data=DATA, role=ROLES)
    def change_role(self, data, role):
        person = self.pick_person(data)
        other = self.pick(data, [p for p in self.world.people if p.account is person.account])
        self.run(
            person,
            "console",
            lambda: offices.change_role(self.world, other, role, person),
            lambda: self.console.manage(person, other, "role", role=role),
        )

    @rule(data=DATA)
    def switch_person_in_the_administration(self, data):
        inactive = [person for person in self.world.people if not person.is_active]
        person = self.pick(data, inactive or self.world.people[:-1])
        is_active = not person.is_active
        self.run(
            self.operator,
            "admin",
            lambda: offices.switch(self.world, person),
            lambda: self.administration.switch(person, active=is_active),
        )

    @rule(data=DATA, action=st.sampled_from(["enable", "enable", "disable"]))
    def change_key(self, data, action):
        person = self.pick_person(data)
        self.run(
            person,
            "console",
            lambda: offices.change_key(self.world, person, action),
            lambda: self.console.change_key(person, action),
        )

    @rule(data=DATA, limits=LIMITS)
    def set_limits(self, data, limits):
        account = self.pick(data, self.world.accounts)
        self.run(
            self.operator,
            "admin",
            lambda: offices.set_limits(self.world, account, limits),
            lambda: self.administration.set_limits(account, limits),
        )

    @rule(data=DATA, choice=st.sampled_from(["keep", "release", "hand-over"]))
    @precondition(lambda self: len(self.open_accounts) > 2)
    def close_account(self, data, choice):
        account = self.pick(data, self.open_accounts)
        to = self.pick(data, self.world.accounts)
        self.run(
            self.operator,
            "admin",
            lambda: offices.close(self.world, account, choice, to, self.operator),
            lambda: self.administration.close(account, choice, to),
        )

    @rule(data=DATA)
    def reopen_account(self, data):
        closed = [account for account in self.world.accounts if account.is_closed]
        account = self.pick(data, closed or self.world.accounts)
        self.run(
            self.operator,
            "admin",
            lambda: offices.reopen(self.world, account),
            lambda: self.administration.reopen(account),
        )


@pytest.mark.django_db
def test_the_three_surfaces_do_what_the_model_says():
    for number in itertools.count(SEED):  # some runs end early
        missing = STEPS - Machine.steps
        if missing <= 0:
            break
        runs = settings(
            max_examples=-(-missing // STEPS_OF_A_RUN),
            stateful_step_count=STEPS_OF_A_RUN,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(number)(Surfaces), settings=runs)
