"""Accounts, people, access keys and the audit trail."""

from .access_keys import (
    ACCESS_KEY_ID_PATTERN,
    KEY_DESCRIPTION_LENGTH,
    AccessKey,
    AccessKeyQuerySet,
    new_access_key_id,
)
from .account_events import (
    END,
    MAX_ID,
    MIN_ID,
    NOTEWORTHY,
    SIGN_INS,
    START,
    AccountEvent,
    Place,
    Walk,
)
from .accounts import ACCOUNT_ID_PATTERN, IDENTIFIER_PATTERN, Account, new_account_id
from .audit_events import (
    AuditEvent,
    AuditEventQuerySet,
    find_latest,
    new_request_id,
    read_newest,
    read_oldest,
)
from .counters import Attempt, ChargedText, ClientToken, RefusalTally, UsedSignature
from .identities import Identity
from .lookups import IsAny
from .people import Role, User
from .seals import Seal
from .servers import KeyFingerprint, Server
from .sessions import Session

__all__ = [
    "ACCESS_KEY_ID_PATTERN",
    "ACCOUNT_ID_PATTERN",
    "END",
    "IDENTIFIER_PATTERN",
    "KEY_DESCRIPTION_LENGTH",
    "MAX_ID",
    "MIN_ID",
    "NOTEWORTHY",
    "SIGN_INS",
    "START",
    "AccessKey",
    "AccessKeyQuerySet",
    "Account",
    "AccountEvent",
    "Attempt",
    "AuditEvent",
    "AuditEventQuerySet",
    "ChargedText",
    "ClientToken",
    "Identity",
    "IsAny",
    "KeyFingerprint",
    "Place",
    "RefusalTally",
    "Role",
    "Seal",
    "Server",
    "Session",
    "UsedSignature",
    "User",
    "Walk",
    "find_latest",
    "new_access_key_id",
    "new_account_id",
    "new_request_id",
    "read_newest",
    "read_oldest",
]
