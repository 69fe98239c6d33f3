"""The API error for every refusal: status, BCE code and message.

Sources: BCC's API reference, the error tables of each operation and its common error codes. Where
they define no error, docs/api.md documents our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accounts import keys, limits, roles, signing
from accounts.audit import Verb
from accounts.closed import AccountIsClosed
from accounts.exceptions import Refused
from accounts.idempotency import TokenUsedOtherwise, TooManyTokens
from console import budgets
from console.database.failures import Failure
from images import copying, locks, quotas, rules, sharing, specs
from images.sharing import Verdict


class Error(NamedTuple):
    status: int
    code: str
    # If empty, the refusal's own sentence is sent.
    message: str = ""


class NoSuchOperation(Refused):
    code = "no-such-operation"
    sentence = "Operation not found."


class NoSuchVersion(Refused):
    code = "no-such-version"
    sentence = "API version not found."


class MethodNotAllowed(Refused):
    code = "method-not-allowed"
    sentence = "This path doesn't support this method with these parameters."

    def __init__(self, methods: Sequence[str] = ()) -> None:
        super().__init__()
        self.methods = methods


class NotEncrypted(Refused):
    code = "not-encrypted"
    sentence = "The API is available over HTTPS only."


class NotSigned(Refused):
    code = "not-signed"
    sentence = "The request is not signed."


class BadPath(Refused):
    code = "bad-path"
    sentence = "The path can't be parsed."


class BadQuery(Refused):
    code = "bad-query"
    sentence = "%(reason)s"


class BodyIsNotAsSigned(Refused):
    code = "body-is-not-as-signed"
    sentence = "The body doesn't match its digest."


class BodyIsNoJson(Refused):
    code = "body-is-no-json"
    sentence = "The body is not valid JSON."


class BodyHasWrongFields(Refused):
    code = "body-has-wrong-fields"
    sentence = "%(reason)s"


class BodyIsTooLarge(Refused):
    code = "body-is-too-large"
    sentence = "The request body is too large."


class BodyHasNoLength(Refused):
    code = "body-has-no-length"
    sentence = "The request must have a Content-Length header."


class NotOffered(Refused):
    code = "not-offered"
    sentence = "This console doesn't support %(what)s."


NOT_FOUND = Error(404, "NoSuchObject", "The specified object does not exist.")
BUSY = Error(409, "Image.ImageStatusForbidden", "Image status is not Available.")
NOT_CUSTOM = Error(403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared.")
NOT_DELETABLE = Error(
    403, "Image.UnCustomImageCannotBeDeleted", "Only custom image can be deleted."
)
NOT_COPYABLE = Error(409, "Image.ImageNotSupportCopy", "Image not support copy.")
NO_COPY_THERE = Error(409, "Image.RegionNotSupportCopy", "Region not support copy.")
NOT_COPYING = Error(409, "Image.ImageStatusForbidden", "Image status is not dest_copying.")
INVALID_ACCOUNT = Error(400, "Image.InvalidAccount", "Account is invalid.")
WRONG_FIELD = Error(400, "InappropriateJSON")
TOO_MANY = Error(429, "RequestLimitExceeded")
DENIED = Error(403, "AccessDenied", "Access denied.")

ERRORS: dict[type[Refused], Error] = {
    # The request
    NoSuchOperation: NOT_FOUND,
    NoSuchVersion: Error(404, "InvalidVersion", "The API version specified was invalid."),
    MethodNotAllowed: Error(405, "MethodNotAllowed"),
    BadPath: Error(400, "InvalidURI", "Could not parse the specified URI."),
    BadQuery: Error(400, "InvalidHTTPRequest"),
    BodyIsNotAsSigned: Error(
        400, "InvalidHTTPRequest", "There was an error in the body of your HTTP request."
    ),
    BodyIsNoJson: Error(400, "MalformedJSON", "The JSON you provided was not well-formed."),
    BodyHasWrongFields: WRONG_FIELD,
    BodyIsTooLarge: Error(413, "EntityTooLarge"),
    BodyHasNoLength: Error(411, "MissingContentLength"),
    # Authentication
    NotEncrypted: Error(403, "AccessDenied"),
    NotSigned: DENIED,
    keys.NoSuchAccessKey: Error(
        403,
        "InvalidAccessKeyId",
        "The Access Key ID you provided does not exist in our records.",
    ),
    signing.InvalidAuthorization: Error(
        400,
        "InvalidHTTPAuthHeader",
        "The HTTP authorization header is invalid. Consult the service documentation for details.",
    ),
    signing.RequestExpired: Error(
        400, "RequestExpired", "Request has expired. Timestamp date is %(timestamp)s."
    ),
    signing.RequestTimeTooSkewed: Error(403, "RequestTimeTooSkewed"),
    signing.SignatureDoesNotMatch: Error(
        400,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your Secret Access Key and signing method. "
        "Consult the service documentation for details.",
    ),
    limits.TooManyTries: DENIED,
    budgets.TooManyRequests: TOO_MANY,
    TooManyTokens: TOO_MANY,
    AccountIsClosed: DENIED,
    roles.RoleNeeded: Error(403, "AccessDenied"),
    TokenUsedOtherwise: Error(
        403,
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request.",
    ),
    # Images
    locks.NoSuchImage: NOT_FOUND,
    rules.NotCustomImage: NOT_CUSTOM,
    rules.NotOwnImage: NOT_CUSTOM,
    rules.ImageNotAvailable: BUSY,
    rules.ImageIsBeingCreated: Error(
        409, "Image.CreatingImageCannotBeDeleted", "Cannot delete image when creating."
    ),
    rules.ImageIsBeingCopied: Error(
        409, "Image.CreatingImageCannotBeDeleted", "Cannot delete image when creating."
    ),
    rules.ImageIsShared: Error(
        409, "Image.ImageHasBeenSharedToOthers", "Image has been shared to others."
    ),
    rules.InvalidName: Error(400, "Image.ImageNameInvalid", "Image name is invalid."),
    quotas.CustomImageQuotaExceeded: Error(
        413, "Image.ImageQuotaExceedLimit", "Image number exceeds the limit."
    ),
    sharing.NoRecipients: Error(400, "Image.AccountListIsEmpty", "Account list is empty."),
    sharing.AlreadyShared: Error(409, "Image.AccountHasBeenShared", "Account has been shared."),
    sharing.NotRecipients: INVALID_ACCOUNT,
    rules.ImageIsNotShared: INVALID_ACCOUNT,
    rules.SameRegion: NO_COPY_THERE,
    copying.NoSuchRegion: NO_COPY_THERE,
    rules.NoRegions: WRONG_FIELD,
    rules.ImageIsNotBeingCopied: NOT_COPYING,
    NotOffered: Error(403, "OperationDenied"),
    # Instances
    locks.NoSuchInstance: NOT_FOUND,
    rules.NotOwnInstance: NOT_FOUND,
    rules.InstanceNotSettled: Error(
        409, "Image.InstanceStatusForbidden", "Instance not in running or stopped status."
    ),
    rules.InstanceNotStopped: Error(
        409,
        "Instance.StartInstanceOperationForbidden",
        "Instance not stopped when starting.",
    ),
    rules.InstanceIsBeingCreated: Error(
        409, "Instance.StartInstanceWhenCreating", "Instance creating when starting."
    ),
    rules.InstanceHasExpired: Error(
        409, "Instance.StartExpiredInstance", "Instance expired when starting."
    ),
    rules.InstanceNotRunning: Error(
        409, "Instance.StopInstanceOperationForbidden", "Instance not running when stopping."
    ),
    rules.InstanceIsPrepaid: Error(403, "OperationDenied"),
    rules.InstanceIsBeingImaged: Error(409, "Instance.ReleaseInstanceOperationForbidden"),
    quotas.InstanceQuotaExceeded: Error(413, "Instance.InstanceQuotaExceedLimit"),
    rules.BatchRefused: WRONG_FIELD,
    rules.NumberedNameTooLong: WRONG_FIELD,
    rules.DiskRefused: WRONG_FIELD,
    rules.NoLoginToKeep: WRONG_FIELD,
    rules.InvalidPassword: WRONG_FIELD,
    rules.NoSuchZone: WRONG_FIELD,
    specs.NoSuchSpec: WRONG_FIELD,
}

# Refusals whose error depends on the verb.
ERRORS_BY_VERB: dict[str, dict[type[Refused], Error]] = {
    Verb.DELETE_IMAGE: {rules.NotCustomImage: NOT_DELETABLE, rules.NotOwnImage: NOT_DELETABLE},
    Verb.EDIT_IMAGE: {rules.NotCustomImage: NOT_DELETABLE, rules.NotOwnImage: NOT_DELETABLE},
    Verb.COPY_IMAGE: {rules.NotCustomImage: NOT_COPYABLE, rules.NotOwnImage: NOT_COPYABLE},
    Verb.CANCEL_COPY: {rules.NotCustomImage: NOT_COPYING, rules.NotOwnImage: NOT_COPYING},
    Verb.REINSTALL: {
        rules.InstanceNotSettled: Error(
            409,
            "Instance.RebuildInstanceOperationForbidden",
            "Instance not running or stopped when rebuilding.",
        )
    },
    Verb.CREATE_INSTANCE: {rules.InvalidName: WRONG_FIELD},
    Verb.REBOOT: {
        rules.InstanceNotRunning: Error(
            409,
            "Instance.RebootInstanceOperationForbidden",
            "Instance not running when rebooting.",
        )
    },
    Verb.RELEASE: {
        rules.InstanceIsBeingCreated: Error(
            409, "Instance.ReleaseWhileCreating", "Instance creating when releasing."
        )
    },
}

# Errors for the verdicts on recipients, in order of precedence. AlreadyShared comes after OWNER.
ERRORS_BY_VERDICT: dict[Verdict, Error] = {
    Verdict.UNKNOWN: INVALID_ACCOUNT,
    Verdict.AMBIGUOUS: INVALID_ACCOUNT,
    Verdict.CHANGED: INVALID_ACCOUNT,  # programs see no verdicts, so it doesn't occur
    Verdict.CLOSED: INVALID_ACCOUNT,
    Verdict.OWNER: Error(403, "Image.CannotShareToOwner", "Cannot share to owner."),
    Verdict.OVER_LIMIT: Error(
        413, "Image.ExceedSharedToUserNumQuota", "Exceed shared to user num quota."
    ),
    Verdict.NO_ROOM: Error(
        413, "Image.ExceedAcceptSharedImageNumQuota", "Exceed accept shared image num quota"
    ),
}

INTERNAL = Error(500, "InternalError", "We encountered an internal error Please try again.")
# BCC's only code for failures. Its SDKs repeat a call after 503
DATABASE_FAILED = {
    Failure.SILENT: Error(503, "InternalError", "The database isn't responding. Please try again."),
    Failure.BUSY: Error(
        503,
        "InternalError",
        "The request waited too long for another change. Nothing was changed. Please try again.",
    ),
    Failure.UNKNOWN: Error(
        503,
        "InternalError",
        "The database stopped responding while it saved the change, which may be saved or not. "
        "Please check before you try again.",
    ),
    Failure.READ_ONLY: Error(
        503,
        "InternalError",
        "The database is read-only right now. Nothing was changed. Please try again.",
    ),
}


def get_error(refusal: Refused) -> Error:
    """Return the API error for a refusal. Raises KeyError if no table has the refusal."""
    if type(refusal) is sharing.EntriesRefused:
        verdicts = {entry.verdict for entry in refusal.review.refused_entries}
        return next(error for verdict, error in ERRORS_BY_VERDICT.items() if verdict in verdicts)
    refusal_class = type(refusal)
    verb = refusal.event.verb if refusal.event else ""
    error = ERRORS_BY_VERB.get(verb, {}).get(refusal_class) or ERRORS[refusal_class]
    message = error.message % refusal.facts if error.message else str(refusal)
    return error._replace(message=message)
