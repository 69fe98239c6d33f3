"""Every refusal's answer: status, BCE code and message. The one table.

Sources: BCC's API reference, the error tables of each operation and its common error codes; where
these are silent, docs/api.md says what we chose.
"""

from __future__ import annotations

from typing import NamedTuple

from accounts import keys, limits, signing
from accounts.audit import Verb
from accounts.exceptions import Refused
from accounts.idempotency import TokenUsedOtherwise
from images import copying, locks, quotas, rules, sharing, specs
from images.sharing import Verdict


class Answer(NamedTuple):
    status: int
    code: str
    # Empty: the refusal's own sentence says it best.
    message: str = ""


class NoSuchOperation(Refused):
    code = "no-such-operation"
    sentence = "There is no such operation."


class NoSuchVersion(Refused):
    code = "no-such-version"
    sentence = "There is no such version of the API."


class MethodNotAllowed(Refused):
    code = "method-not-allowed"
    sentence = "This path does not take this method and these parameters."


class NotSigned(Refused):
    code = "not-signed"
    sentence = "The request is not signed."


class BadPath(Refused):
    code = "bad-path"
    sentence = "The path cannot be read."


class BadQuery(Refused):
    code = "bad-query"
    sentence = "%(reason)s"


class BodyIsNotAsSigned(Refused):
    code = "body-is-not-as-signed"
    sentence = "The body is not what its digest says."


class BodyIsNoJson(Refused):
    code = "body-is-no-json"
    sentence = "The body is no JSON."


class BodyHasWrongFields(Refused):
    code = "body-has-wrong-fields"
    sentence = "%(reason)s"


class BodyIsTooLarge(Refused):
    code = "body-is-too-large"
    sentence = "The body is larger than this console takes."


class BodyHasNoLength(Refused):
    code = "body-has-no-length"
    sentence = "The body has to say its length first."


class NotOffered(Refused):
    code = "not-offered"
    sentence = "This console does not %(what)s."


NOT_FOUND = Answer(404, "NoSuchObject", "The specified object does not exist.")
BUSY = Answer(409, "Image.ImageStatusForbidden", "Image status is not Available.")
NOT_CUSTOM = Answer(403, "Image.UnCustomImageCannotBeShared", "Only custom image can be shared.")
NOT_DELETABLE = Answer(
    403, "Image.UnCustomImageCannotBeDeleted", "Only custom image can be deleted."
)
NOT_COPYABLE = Answer(409, "Image.ImageNotSupportCopy", "Image not support copy.")
NO_COPY_THERE = Answer(409, "Image.RegionNotSupportCopy", "Region not support copy.")
NOT_COPYING = Answer(409, "Image.ImageStatusForbidden", "Image status is not dest_copying.")
INVALID_ACCOUNT = Answer(400, "Image.InvalidAccount", "Account is invalid.")
WRONG_FIELD = Answer(400, "InappropriateJSON")
DENIED = Answer(403, "AccessDenied", "Access denied.")

ANSWERS: dict[type[Refused], Answer] = {
    # The request
    NoSuchOperation: NOT_FOUND,
    NoSuchVersion: Answer(404, "InvalidVersion", "The API version specified was invalid."),
    MethodNotAllowed: Answer(405, "MethodNotAllowed"),
    BadPath: Answer(400, "InvalidURI", "Could not parse the specified URI."),
    BadQuery: Answer(400, "InvalidHTTPRequest"),
    BodyIsNotAsSigned: Answer(
        400, "InvalidHTTPRequest", "There was an error in the body of your HTTP request."
    ),
    BodyIsNoJson: Answer(400, "MalformedJSON", "The JSON you provided was not well-formed."),
    BodyHasWrongFields: WRONG_FIELD,
    BodyIsTooLarge: Answer(413, "EntityTooLarge"),
    BodyHasNoLength: Answer(411, "MissingContentLength"),
    # Who asks
    NotSigned: DENIED,
    keys.NoSuchAccessKey: Answer(
        403,
        "InvalidAccessKeyId",
        "The Access Key ID you provided does not exist in our records.",
    ),
    signing.InvalidAuthorization: Answer(
        400,
        "InvalidHTTPAuthHeader",
        "The HTTP authorization header is invalid. Consult the service documentation for details.",
    ),
    signing.RequestExpired: Answer(
        400, "RequestExpired", "Request has expired. Timestamp date is %(timestamp)s."
    ),
    signing.RequestTimeTooSkewed: Answer(403, "RequestTimeTooSkewed"),
    signing.SignatureDoesNotMatch: Answer(
        400,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your Secret Access Key and signing method. "
        "Consult the service documentation for details.",
    ),
    limits.TooManyTries: DENIED,
    TokenUsedOtherwise: Answer(
        403,
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request.",
    ),
    # Images
    locks.NoSuchImage: NOT_FOUND,
    rules.NotCustomImage: NOT_CUSTOM,
    rules.NotOwnImage: NOT_CUSTOM,
    rules.ImageNotAvailable: BUSY,
    rules.ImageIsBeingCreated: Answer(
        409, "Image.CreatingImageCannotBeDeleted", "Cannot delete image when creating."
    ),
    rules.ImageIsBeingCopied: Answer(
        409, "Image.CreatingImageCannotBeDeleted", "Cannot delete image when creating."
    ),
    rules.ImageIsShared: Answer(
        409, "Image.ImageHasBeenSharedToOthers", "Image has been shared to others."
    ),
    rules.InvalidName: Answer(400, "Image.ImageNameInvalid", "Image name is invalid."),
    quotas.CustomImageQuotaExceeded: Answer(
        413, "Image.ImageQuotaExceedLimit", "Image number exceeds the limit."
    ),
    sharing.NoRecipients: Answer(400, "Image.AccountListIsEmpty", "Account list is empty."),
    sharing.NotRecipients: INVALID_ACCOUNT,
    rules.ImageIsNotShared: INVALID_ACCOUNT,
    rules.SameRegion: NO_COPY_THERE,
    copying.NoSuchRegion: NO_COPY_THERE,
    rules.NoRegions: WRONG_FIELD,
    rules.ImageIsNotBeingCopied: NOT_COPYING,
    NotOffered: Answer(403, "OperationDenied"),
    # Instances
    locks.NoSuchInstance: NOT_FOUND,
    rules.NotOwnInstance: NOT_FOUND,
    rules.InstanceNotSettled: Answer(
        409, "Image.InstanceStatusForbidden", "Instance not in running or stopped status."
    ),
    rules.InstanceNotStopped: Answer(
        409,
        "Instance.StartInstanceOperationForbidden",
        "Instance not stopped when starting.",
    ),
    rules.InstanceIsBeingCreated: Answer(
        409, "Instance.StartInstanceWhenCreating", "Instance creating when starting."
    ),
    rules.InstanceHasExpired: Answer(
        409, "Instance.StartExpiredInstance", "Instance expired when starting."
    ),
    rules.InstanceNotRunning: Answer(
        409, "Instance.StopInstanceOperationForbidden", "Instance not running when stopping."
    ),
    rules.InstanceIsPaidFor: Answer(403, "OperationDenied"),
    rules.InstanceIsMadeAnImageOf: Answer(409, "Instance.ReleaseInstanceOperationForbidden"),
    rules.BatchRefused: WRONG_FIELD,
    rules.NumberedNameTooLong: WRONG_FIELD,
    rules.DiskRefused: WRONG_FIELD,
    rules.NoLoginToKeep: WRONG_FIELD,
    rules.InvalidPassword: WRONG_FIELD,
    rules.NoSuchZone: WRONG_FIELD,
    specs.NoSuchSpec: WRONG_FIELD,
}

# Where the same refusal has another code from another verb.
BY_VERB: dict[str, dict[type[Refused], Answer]] = {
    Verb.DELETE_IMAGE: {rules.NotCustomImage: NOT_DELETABLE, rules.NotOwnImage: NOT_DELETABLE},
    Verb.EDIT_IMAGE: {rules.NotCustomImage: NOT_DELETABLE, rules.NotOwnImage: NOT_DELETABLE},
    Verb.COPY_IMAGE: {rules.NotCustomImage: NOT_COPYABLE, rules.NotOwnImage: NOT_COPYABLE},
    Verb.CANCEL_COPY: {rules.NotCustomImage: NOT_COPYING, rules.NotOwnImage: NOT_COPYING},
    Verb.REINSTALL: {
        rules.InstanceNotSettled: Answer(
            409,
            "Instance.RebuildInstanceOperationForbidden",
            "Instance not running or stopped when rebuilding.",
        )
    },
    Verb.CREATE_INSTANCE: {rules.InvalidName: WRONG_FIELD},
    Verb.REBOOT: {
        rules.InstanceNotRunning: Answer(
            409,
            "Instance.RebootInstanceOperationForbidden",
            "Instance not running when rebooting.",
        )
    },
    Verb.RELEASE: {
        rules.InstanceIsBeingCreated: Answer(
            409, "Instance.ReleaseWhileCreating", "Instance creating when releasing."
        )
    },
}

# The verdict on a recipient, the first of which is answered.
VERDICTS: dict[Verdict, Answer] = {
    Verdict.UNKNOWN: INVALID_ACCOUNT,
    Verdict.AMBIGUOUS: INVALID_ACCOUNT,
    Verdict.OWNER: Answer(403, "Image.CannotShareToOwner", "Cannot share to owner."),
    Verdict.ALREADY_SHARED: Answer(409, "Image.AccountHasBeenShared", "Account has been shared."),
    Verdict.OVER_LIMIT: Answer(
        413, "Image.ExceedSharedToUserNumQuota", "Exceed shared to user num quota."
    ),
    Verdict.NO_ROOM: Answer(
        413, "Image.ExceedAcceptSharedImageNumQuota", "Exceed accept shared image num quota"
    ),
}

INTERNAL = Answer(500, "InternalError", "We encountered an internal error Please try again.")
UNAVAILABLE = Answer(503, "InternalError", "The database does not answer. Please try again.")


def answer_to(refusal: Refused) -> Answer:
    """What the wire says to a refusal; KeyError for one that has no answer yet."""
    if isinstance(refusal, sharing.EntriesRefused):
        verdicts = {entry.verdict for entry in refusal.review.refused}
        return next(answer for verdict, answer in VERDICTS.items() if verdict in verdicts)
    kind = type(refusal)
    verb = refusal.event.verb if refusal.event else ""
    found = BY_VERB.get(verb, {}).get(kind) or ANSWERS[kind]
    message = found.message % refusal.facts if found.message else str(refusal)
    return found._replace(message=message)
