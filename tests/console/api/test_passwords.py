"""Passwords in clear and encrypted."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from accounts import keys
from images.models import Instance

from ...factories import (
    SECRET,
    AccessKeyFactory,
    InstanceFactory,
    PublicImageFactory,
)
from .instance_calls import ENCRYPTED, PASSWORD, order, path_of
from .programs import Program, done, refusal

pytestmark = pytest.mark.django_db

BAD_PASSWORDS = [
    "Abcd123!"[:7],
    "Abcd1234!" * 2,
    "abcdefgh!",
    "12345678!",
    "Abcd12345",
    "Abcd1234~",
]


@pytest.mark.parametrize("password", [PASSWORD, ENCRYPTED, ENCRYPTED.upper()])
def test_a_password_in_clear_or_encrypted(program, image, password):
    done(program("POST", "/v2/instanceBySpec", order(image, adminPass=password)))
    instance = Instance.objects.get()
    body = {"imageId": image.image_id, "adminPass": password}
    done(program("PUT", path_of(instance), body, rebuild=""))


@pytest.mark.parametrize(
    "password",
    [
        *BAD_PASSWORDS,
        "0" * 32,
        ENCRYPTED[:-1],
        "3ccefba41cc272edb031c0571e343fe8",
        ENCRYPTED * 40,
        "密码Abcd1234!",
    ],
)
def test_a_password_that_breaks_the_rule(program, account, image, password):
    rule = (
        "8 to 16 characters, among them a letter, a digit and one of ! @ # $ % ^ * ( ), "
        "and nothing else."
    )
    answer = program("POST", "/v2/instanceBySpec", order(image, adminPass=password))
    assert refusal(answer) == (400, "InappropriateJSON", rule)

    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, "adminPass": password}
    answer = program("PUT", path_of(instance), body, rebuild="")
    assert refusal(answer) == (400, "InappropriateJSON", rule)


def encrypted(password, secret):
    cipher = Cipher(algorithms.AES128(secret[:16].encode()), modes.ECB())  # noqa: S305
    encryptor = cipher.encryptor()
    missing = 16 - len(password) % 16
    padded = password.encode() + bytes([missing]) * missing
    return (encryptor.update(padded) + encryptor.finalize()).hex()


def test_the_key_is_the_first_half_of_the_secret_that_signed(account, image):
    """The secret of the other tests has two halves alike."""
    secret = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
    key_id = "0" * 31 + "f"
    opens = keys.encrypt(secret, key_id=key_id)
    key = AccessKeyFactory.create(key_id=key_id, user__account=account, encrypted_secret=opens)
    program = Program(key, secret=secret)

    good = order(image, adminPass=encrypted(PASSWORD, secret))
    done(program("POST", "/v2/instanceBySpec", good))
    bad = order(image, adminPass=encrypted(PASSWORD, SECRET))
    assert refusal(program("POST", "/v2/instanceBySpec", bad))[:2] == (400, "InappropriateJSON")


def test_a_bad_password_that_was_encrypted(program, image):
    body = order(image, adminPass=encrypted("short", SECRET))

    answer = program("POST", "/v2/instanceBySpec", body)

    assert refusal(answer)[:2] == (400, "InappropriateJSON")


@pytest.mark.parametrize("more", [{}, {"adminPass": ""}, {"adminPass": None}])
def test_a_creation_without_a_password_gets_one(program, image, more):
    done(program("POST", "/v2/instanceBySpec", order(image, **more)))

    assert not Instance.objects.get().keeps_image_login


def test_a_public_image_has_no_login_to_keep(program, image):
    public = PublicImageFactory.create()
    message = "A public image has no login to keep: only custom and shared images have."

    answer = program("POST", "/v2/instanceBySpec", order(public, keepImageLogin=True))
    assert refusal(answer) == (400, "InappropriateJSON", message)

    done(program("POST", "/v2/instanceBySpec", order(image, keepImageLogin=True)))
    assert Instance.objects.get().keeps_image_login
