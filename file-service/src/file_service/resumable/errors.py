"""How a resumable upload can be refused."""

from strongroom.errors import (
    AppError,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Forbidden,
    NotFound,
    UnsupportedMediaType,
)


class UploadNotFound(NotFound):
    """Also raised for someone else's upload, so that ids cannot be probed."""

    slug = "upload-not-found"
    title = "There is no such upload"


class UploadExpired(AppError):
    """410, as long as it is still known; later it is not found."""

    status = 410
    slug = "upload-expired"
    title = "The upload was not gone on with in time"


class VersionNotSupported(AppError):
    status = 412
    slug = "tus-version"
    title = "Only version 1.0.0 of the tus protocol is spoken here"


class MalformedHeader(BadRequest):
    slug = "malformed-header"
    title = "A header is not as the tus protocol has it"


class MalformedMetadata(BadRequest):
    slug = "malformed-metadata"
    title = "Upload-Metadata is a list of keys and values in base64"


class NotAnOffsetStream(UnsupportedMediaType):
    slug = "not-an-offset-stream"
    title = "The bytes of an upload are sent as application/offset+octet-stream"


class OffsetMismatch(Conflict):
    slug = "offset-mismatch"
    title = "The upload is not at this offset"


class UploadLocked(AppError):
    """423: of two requests that change an upload, one is let in and the other is told so at once."""

    status = 423
    slug = "upload-locked"
    title = "Another request is at this upload just now"


class ChecksumMismatch(AppError):
    """460: the tus protocol's own. Nothing of the request was kept."""

    status = 460
    slug = "checksum-mismatch"
    title = "The bytes that came are not those that the checksum is of"


class UnknownAlgorithm(BadRequest):
    slug = "unknown-checksum-algorithm"
    title = "Checksums of this algorithm are not known here"


class BodyCutOff(AppError):
    """What had come is kept, unless it had a checksum. Seldom anybody is left to read this."""

    status = 408
    slug = "body-cut-off"
    title = "The body of the request ended before its end"


class LengthIsKnown(Conflict):
    slug = "length-is-known"
    title = "The length of an upload cannot be changed"


class FinalUpload(Forbidden):
    slug = "final-upload"
    title = "A final upload consists of its partial uploads and takes no bytes"


class PartialMissing(BadRequest):
    slug = "partial-missing"
    title = "A final upload consists of finished partial uploads of the same account"


class TooManyParts(ContentTooLarge):
    slug = "too-many-parts"
    title = "The upload was interrupted or refused too often; begin another one"


class UploadDamaged(AppError):
    """The stored bytes are not those that came. That is our fault, so it is a 500."""

    slug = "upload-damaged"
    title = "The stored bytes of this upload are not those that were sent"
