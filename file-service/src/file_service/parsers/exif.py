"""What a camera noted that matters here: which side is up, and when the picture was taken (EXIF 2.32)."""

import struct
from contextlib import suppress
from datetime import datetime

from PIL import ExifTags, Image

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {5, 6, 7, 8}
_DATE_AND_TIME = len("1826:06:04 12:00:00")
_YEARS = range(1826, 2100)  # from the oldest photograph that there is
# What Pillow raises on damaged notes, which are no reason to refuse the picture.
_DAMAGED = (OSError, ValueError, SyntaxError, LookupError, TypeError, AttributeError, RuntimeError, struct.error)


def orientation(picture: Image.Image) -> int:
    """1 to 8, as in EXIF; 1 where nothing sensible is noted. `picture` is loaded: a PNG may say it at its end."""
    with suppress(*_DAMAGED):
        noted = picture.getexif().get(ExifTags.Base.Orientation)
        return noted if noted in _UPRIGHT else 1
    return 1


def upright(picture: Image.Image, noted: int) -> Image.Image:
    return picture.transpose(_UPRIGHT[noted]) if noted in _UPRIGHT else picture


def upright_size(size: tuple[int, int], noted: int) -> tuple[int, int]:
    return (size[1], size[0]) if noted in _ON_ITS_SIDE else size


def taken_at(picture: Image.Image) -> str | None:
    """ISO 8601, in the camera's own local time; None where nothing is noted, or nothing that can be."""
    with suppress(*_DAMAGED):
        noted = picture.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        taken = datetime.fromisoformat(str(noted)[:_DATE_AND_TIME].replace(":", "-", 2))
        if taken.year in _YEARS:
            return taken.isoformat()
    return None
