"""How an upload can be refused."""

from strongroom.errors import (
    AppError,
    BadRequest,
    ContentTooLarge,
    TooManyRequests,
    Unprocessable,
    UnsupportedMediaType,
)


class NotAForm(UnsupportedMediaType):
    slug = "not-a-form"
    title = "An upload is a multipart/form-data body"


class MalformedForm(BadRequest):
    """Not RFC 7578, or cut off before its end."""

    slug = "malformed-form"
    title = "The form is malformed or incomplete"


class FormTooLarge(ContentTooLarge):
    slug = "form-too-large"
    title = "The form has too many fields, or too large ones"


class FileMissing(Unprocessable):
    slug = "file-missing"
    title = "The form has no file where one is expected"


class DuplicatePath(Unprocessable):
    slug = "duplicate-path"
    title = "Two of the files would have the same path"


class FileTooLarge(ContentTooLarge):
    slug = "file-too-large"
    title = "The file is larger than allowed"


class UploadStalled(AppError):
    """RFC 9110 §15.5.9."""

    status = 408
    slug = "upload-stalled"
    title = "Nothing has come for too long"


class TooManyUploads(TooManyRequests):
    slug = "too-many-uploads"
    title = "This account has too many uploads at once"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class TypeNotAllowed(UnsupportedMediaType):
    slug = "type-not-allowed"
    title = "Files of this type are not taken here"


class EncodedContent(UnsupportedMediaType):
    """What is stored is what is sent back, and that has no coding (RFC 9110 §8.4)."""

    slug = "content-coding"
    title = "Send the file without a Content-Encoding"


class PartialContent(BadRequest):
    """RFC 9110 §14.5: a part would be taken for the whole."""

    slug = "content-range"
    title = "A part of a file cannot be put; use a resumable upload"


class MalformedDigest(BadRequest):
    slug = "malformed-digest"
    title = "A digest field is not as RFC 9530 has it"


class DigestMismatch(BadRequest):
    slug = "digest-mismatch"
    title = "The bytes that came are not those that the digest is of"
