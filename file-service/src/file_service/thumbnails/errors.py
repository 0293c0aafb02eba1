"""Why there is no thumbnail."""

from typing import ClassVar

from strongroom.errors import AppError, Unprocessable


class InvalidWidth(Unprocessable):
    slug = "invalid-width"
    title = "Thumbnails are not made in this width"


class NotAcceptable(AppError):
    """RFC 9110 §15.5.7."""

    status: ClassVar[int] = 406
    slug = "not-acceptable"
    title = "Thumbnails are to be had as WebP, AVIF or JPEG"
