"""Makes a decoded picture small before anything else is done to it: there is no room for a second one of its size."""

from collections.abc import Iterator
from math import ceil

from PIL import Image

_GAP = 1.5  # how much larger than asked for the cheap reduction leaves it, for the fine one to be sharp
_TILE = 1024  # pixels, either way, that are converted at a time


def shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`picture` scaled to `size`, which is not larger, in a mode that can be scaled; RGBA where it has transparency."""
    across, down = (max(1, int(now / then / _GAP)) for now, then in zip(picture.size, size, strict=True))
    bounds = _bounds(picture)
    reduced: Image.Image | None = None
    for left, top, right, bottom in _tiles(picture.size, across, down):
        tile = _scalable(picture.crop((left, top, right, bottom)), bounds).reduce((across, down))
        if reduced is None:
            reduced = Image.new(tile.mode, (ceil(picture.width / across), ceil(picture.height / down)))
        reduced.paste(tile, (left // across, top // down))
    assert reduced is not None
    return reduced.resize(size, Image.Resampling.LANCZOS)


def _tiles(size: tuple[int, int], across: int, down: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each: multiples of what becomes one pixel, but at the edges."""
    width, height = size
    columns, rows = max(1, _TILE // across) * across, max(1, _TILE // down) * down
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield left, top, min(left + columns, width), min(top + rows, height)


def _bounds(picture: Image.Image) -> tuple[float, float]:
    """What is black and what is white, where samples have more than eight bits."""
    if picture.mode in {"I", "F"}:
        low, high = picture.getextrema()
        return float(low), float(high)  # type: ignore[arg-type]
    return 0, 65535


def _scalable(tile: Image.Image, bounds: tuple[float, float]) -> Image.Image:
    if tile.mode.startswith("I") or tile.mode == "F":
        return _eight_bits(tile, *bounds)
    if tile.has_transparency_data:
        return tile.convert("RGBA")
    if tile.mode == "P":
        return tile.convert("RGB")
    return tile.convert("L") if tile.mode == "1" else tile


def _eight_bits(tile: Image.Image, black: float, white: float) -> Image.Image:
    scale = 255 / (white - black) if white > black else 1
    samples = tile if tile.mode == "F" else tile.convert("I")
    return samples.point(lambda sample: sample * scale - black * scale).convert("L")
