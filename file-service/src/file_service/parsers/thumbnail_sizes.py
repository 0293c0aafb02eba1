"""In which sizes and formats a picture or a page is previewed, and how the previews are called."""

from typing import Final

THUMBNAIL_WIDTHS: Final = (128, 256, 512, 1024)  # in pixels
THUMBNAIL_FORMATS: Final = {"webp": "image/webp", "avif": "image/avif", "jpeg": "image/jpeg"}

_TALLEST = 4  # times its width; what is taller is made narrower instead


def thumbnail_name(width: int, image_format: str) -> str:
    """`width` is one of THUMBNAIL_WIDTHS: the one that was asked for, which a small picture does not reach."""
    return f"thumbnail-{width}.{image_format}"


def thumbnail_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """The sizes of a picture's previews, one for each of the first THUMBNAIL_WIDTHS; at least one.

    None is larger than the picture. Where the list ends early, its last is the picture's own size, for any width.
    """
    sizes = []
    for widest in THUMBNAIL_WIDTHS:
        sizes.append(_fitted(width, height, widest))
        if sizes[-1] == (width, height):
            break
    return sizes


def largest_scale(width: float, height: float) -> float:
    """By how much to multiply what can be drawn at any size, for its largest thumbnail."""
    return _scale(width, height, THUMBNAIL_WIDTHS[-1])


def _fitted(width: int, height: int, widest: int) -> tuple[int, int]:
    scale = min(1.0, _scale(width, height, widest))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _scale(width: float, height: float, widest: int) -> float:
    return min(widest / width, widest * _TALLEST / height)
