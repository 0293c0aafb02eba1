"""Opens and decodes pictures that nobody vouches for."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from file_service.parsers.contract import Refused, Source
from file_service.parsers.picture_limits import MOST_PIXELS, check_opening
from file_service.parsers.webp_canvas import HEADER, webp_canvas

FORMATS: Final = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    GifImagePlugin.GifImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
)

# Pillow warns of this many, and refuses twice as many: also what only turns up inside a file.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
# A thread's stack counts as memory.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

# Pillow has no error of its own for broken files: each plugin stumbles in its own way.
_STUMBLES = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@contextmanager
def opened(source: Source) -> Iterator[Image.Image]:
    """A picture of at most MOST_PIXELS, not decoded yet. What fails while it is open means that the file is broken."""
    try:
        with source.open() as file, _identified(file, source.size) as picture:
            yield picture
    except Image.DecompressionBombError as error:
        raise Refused("too-large", "The picture has more than 100 megapixels") from error
    except _STUMBLES as error:
        raise Refused("broken", "The picture is broken or cut off") from error


def _identified(file: BinaryIO, file_size: int) -> Image.Image:
    head = file.read(HEADER)
    claimed = next((image_format for image_format in FORMATS if _claims(image_format, head)), None)
    if claimed is None:
        raise Refused("unsupported", "This is not a picture of a kind that can be read")
    check_opening(claimed, file_size, webp_canvas(head) or (0, 0))
    file.seek(0)
    return Image.open(file, formats=FORMATS)


def _claims(image_format: str, head: bytes) -> bool:
    _, accepts = Image.OPEN[image_format]
    return accepts is None or bool(accepts(head))
