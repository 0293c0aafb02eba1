"""How large a picture may be: judged by what its header declares, before anything is decoded.

That is 100 megapixels; for what takes more memory than it has pixels fewer: a progressive JPEG without chroma
subsampling 65, a TIFF in colour 41, an AVIF 29, a WebP 26.
"""

from typing import Final

from PIL import Image, JpegImagePlugin

from file_service.parsers.contract import Refused

MOST_PIXELS: Final = 100_000_000
MOST_MEMORY: Final = 400 * 1024 * 1024  # bytes, of the 512 MiB that the process has

# How often a decoder holds the picture, and the file, at its worst (for a TIFF: in a single strip), as measured.
_PICTURES = {"WEBP": 4, "AVIF": 3.5, "TIFF": 2.5}
_FILES = {"WEBP": 2, "AVIF": 2, "TIFF": 1}
_BYTES_A_PIXEL = {"1": 1, "L": 1, "P": 1}  # any other picture has 4, as Pillow keeps it
_BYTES_A_COEFFICIENT = 2


def check_opening(kind: str, file_size: int, canvas: tuple[int, int]) -> None:
    """Some decoders read the whole file as soon as they open it; WebP's takes memory for the `canvas` as well."""
    _check(kind, canvas[0] * canvas[1] * 4, file_size)


def check_memory(picture: Image.Image, pixels: int, file_size: int) -> None:
    """`picture` is opened and not loaded, of `pixels` in the file: a JPEG may have been told to come out smaller."""
    decoded = picture.width * picture.height * _BYTES_A_PIXEL.get(picture.mode, 4)
    _check(picture.format or "", decoded, file_size, _coefficients(picture) * pixels)


def _check(kind: str, decoded: float, file_size: int, besides: float = 0) -> None:
    if decoded * _PICTURES.get(kind, 1) + file_size * _FILES.get(kind, 0) + besides > MOST_MEMORY:
        raise Refused("too-large", "The picture takes too much memory to be decoded")


def _coefficients(picture: Image.Image) -> float:
    """How many bytes a pixel takes before it can be one: a progressive JPEG is whole only after its last scan."""
    if not isinstance(picture, JpegImagePlugin.JpegImageFile) or "progressive" not in picture.info:
        return 0
    samples = [across * down for _, across, down, _ in picture.layer]
    return _BYTES_A_COEFFICIENT * sum(samples) / max(1, *samples)
