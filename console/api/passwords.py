"""`adminPass` on the wire: most SDKs encrypt it, the newer Python SDK does not.

AES-128-ECB with PKCS #7 padding under the first 16 characters of the caller's secret, in hex.
Source: BCC, "Password encryption rules".
"""

from __future__ import annotations

import re
import secrets
import string

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

# No password in clear is this long.
ENCRYPTED = re.compile(r"(?:[0-9a-fA-F]{32})+")


def in_clear(admin_pass: str, secret: str) -> str:
    """The password, whether it came encrypted or not; what does not open is returned as it is."""
    if not ENCRYPTED.fullmatch(admin_pass):
        return admin_pass
    # ECB is what the wire says; of a password it hides what it has to.
    cipher = Cipher(algorithms.AES128(secret[:16].encode()), modes.ECB())  # noqa: S305
    opened = cipher.decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        padded = opened.update(bytes.fromhex(admin_pass)) + opened.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    except ValueError:
        return admin_pass


def random_one() -> str:
    """What BCC gives an instance whose owner named none."""
    letters = "".join(secrets.choice(string.ascii_letters) for _ in range(12))
    return f"{letters}{secrets.randbelow(10)}{secrets.choice('!@#$%^*()')}"
