"""What is in a picture: its facts, and thumbnails of it (of the first frame, where it moves)."""

from typing import Final

from PIL import Image

from file_service.parsers.colours import in_srgb
from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.exif import orientation, taken_at, upright, upright_size
from file_service.parsers.picture_limits import check_memory
from file_service.parsers.pictures import opened
from file_service.parsers.previews import write_thumbnails
from file_service.parsers.shrinking import shrunk
from file_service.parsers.thumbnail_sizes import THUMBNAIL_WIDTHS, thumbnail_sizes

_MOVING: Final = {"GIF", "PNG", "WEBP", "AVIF"}
_MOST_PAGES: Final = 1_000  # of a TIFF that are counted: each takes longer than the one before


def parse(source: Source, _task: Task, output: Output) -> Facts:
    """Of JPEG, PNG, GIF, WebP, AVIF, TIFF and BMP, within `picture_limits`. Where it was taken is not told."""
    with opened(source) as picture:
        facts = {"kind": "image", "format": _format(picture), **_frames(picture)}
        size = picture.size
        _shrink_early(picture)
        check_memory(picture, size[0] * size[1], source.size)
        facts["taken_at"] = taken_at(picture)  # a TIFF forgets it as it is loaded
        picture.load()
        noted = orientation(picture)
        facts["width"], facts["height"] = width, height = upright_size(size, noted)
        facts["has_alpha"] = picture.has_transparency_data
        sizes = thumbnail_sizes(width, height)
        largest = _preview(picture, noted, sizes[-1])
    return facts | {"thumbnails": write_thumbnails(largest, sizes, output)}


def _format(picture: Image.Image) -> str:
    # Phones keep more pictures behind the first one (CIPA DC-007).
    return "jpeg" if picture.format == "MPO" else str(picture.format).lower()


def _frames(picture: Image.Image) -> dict[str, object]:
    frames = 1
    if picture.format in _MOVING:
        frames = getattr(picture, "n_frames", 1)
    elif picture.format == "TIFF":
        frames = _pages(picture)
    return {"frames": frames, "animated": picture.format in _MOVING and frames > 1}


def _pages(picture: Image.Image) -> int:
    try:
        for page in range(1, _MOST_PAGES):
            picture.seek(page)
    except EOFError:
        return picture.tell() + 1
    finally:
        picture.seek(0)
    return _MOST_PAGES


def _shrink_early(picture: Image.Image) -> None:
    """Lets a JPEG be decoded at a fraction of its size; whichever side is up, the widest thumbnail is not wider."""
    picture.draft(None, (max(THUMBNAIL_WIDTHS), max(THUMBNAIL_WIDTHS)))


def _preview(picture: Image.Image, noted: int, size: tuple[int, int]) -> Image.Image:
    small = shrunk(picture, upright_size(size, noted))
    return in_srgb(upright(small, noted), picture.info.get("icc_profile"))
