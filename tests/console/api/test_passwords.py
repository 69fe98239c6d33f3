"""Plain and encrypted passwords."""

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
def test_a_plain_or_encrypted_password_is_accepted(program, image, password):
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
def test_an_invalid_password_is_refused(program, account, image, password):
    rule = (
        "8–16 characters, with at least one letter, one digit and one of ! @ # $ % ^ * ( ). "
        "No other characters."
    )
    response = program("POST", "/v2/instanceBySpec", order(image, adminPass=password))
    assert refusal(response) == (400, "InappropriateJSON", rule)

    instance = InstanceFactory.create(owner=account)
    body = {"imageId": image.image_id, "adminPass": password}
    response = program("PUT", path_of(instance), body, rebuild="")
    assert refusal(response) == (400, "InappropriateJSON", rule)


def encrypt(password, secret):
    cipher = Cipher(algorithms.AES128(secret[:16].encode()), modes.ECB())  # noqa: S305
    encryptor = cipher.encryptor()
    padding = 16 - len(password) % 16
    padded = password.encode() + bytes([padding]) * padding
    return (encryptor.update(padded) + encryptor.finalize()).hex()


def test_the_key_is_the_first_half_of_the_signing_secret(account, image):
    """The two halves of the secret in the other tests are equal."""
    secret = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
    key_id = "0" * 31 + "f"
    encrypted_secret = keys.encrypt(secret, key_id=key_id)
    key = AccessKeyFactory.create(
        key_id=key_id, user__account=account, encrypted_secret=encrypted_secret
    )
    program = Program(key, secret=secret)

    valid = order(image, adminPass=encrypt(PASSWORD, secret))
    done(program("POST", "/v2/instanceBySpec", valid))
    invalid = order(image, adminPass=encrypt(PASSWORD, SECRET))
    assert refusal(program("POST", "/v2/instanceBySpec", invalid))[:2] == (400, "InappropriateJSON")


def test_an_invalid_encrypted_password_is_refused(program, image):
    body = order(image, adminPass=encrypt("short", SECRET))

    response = program("POST", "/v2/instanceBySpec", body)

    assert refusal(response)[:2] == (400, "InappropriateJSON")


@pytest.mark.parametrize("extra", [{}, {"adminPass": ""}, {"adminPass": None}])
def test_an_instance_without_a_password_gets_one(program, image, extra):
    done(program("POST", "/v2/instanceBySpec", order(image, **extra)))

    assert not Instance.objects.get().keeps_image_login


def test_a_public_image_has_no_login_to_keep(program, image):
    public = PublicImageFactory.create()
    message = "Set a password. Only custom and shared images have a login to keep."

    response = program("POST", "/v2/instanceBySpec", order(public, keepImageLogin=True))
    assert refusal(response) == (400, "InappropriateJSON", message)

    done(program("POST", "/v2/instanceBySpec", order(image, keepImageLogin=True)))
    assert Instance.objects.get().keeps_image_login
