"""How an upload can be refused."""

from strongroom.errors import BadRequest, ContentTooLarge, Unprocessable, UnsupportedMediaType


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
