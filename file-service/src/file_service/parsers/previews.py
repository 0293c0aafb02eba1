"""Writes the thumbnails of one picture, in every size and format."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from file_service.parsers.contract import Output
from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS, THUMBNAIL_WIDTHS, thumbnail_name

# Measured on a noisy photograph: two steps slower cost twice as much and save 3 % (WebP) and 20 % (AVIF) of the bytes.
_SETTINGS: dict[str, dict[str, Any]] = {
    "webp": {"quality": 75, "method": 2},
    "avif": {"quality": 60, "speed": 8, "max_threads": 1},  # a thread's stack counts as memory
    "jpeg": {"quality": 80, "progressive": True},
}


def write_thumbnails(picture: Image.Image, sizes: Sequence[tuple[int, int]], output: Output) -> list[dict[str, int]]:
    """The facts about them. `sizes` are those of `thumbnail_sizes`.

    `picture` is upright, RGB or RGBA, in sRGB. Nothing but its pixels gets into a thumbnail.
    """
    for width, size in reversed(list(zip(THUMBNAIL_WIDTHS, sizes, strict=False))):
        # From the next larger one: it is smaller than the picture, and sharp enough.
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        picture.info.clear()  # encoders take profiles and comments from there
        for image_format, content_type in THUMBNAIL_FORMATS.items():
            with output.object(thumbnail_name(width, image_format), content_type) as thumbnail:
                thumbnail.write(_encoded(picture, image_format))
    return [{"width": width, "height": height} for width, height in sizes]


def _encoded(picture: Image.Image, image_format: str) -> bytes:
    if image_format == "jpeg":
        picture = _on_white(picture)
    encoded = BytesIO()
    picture.save(encoded, image_format, **_SETTINGS[image_format])
    return encoded.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("RGB")
