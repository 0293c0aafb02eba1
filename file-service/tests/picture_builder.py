"""Makes pictures: with the library that also reads them, and by hand where it would refuse to."""

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

LOSSLESS: dict[str, dict[str, Any]] = {
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "JPEG": {"quality": 100, "subsampling": 0},
    "WEBP": {"lossless": True},
}


def saved(picture: Image.Image, image_format: str, **settings: Any) -> bytes:
    file = BytesIO()
    picture.save(file, image_format, **LOSSLESS.get(image_format, {}) | settings)
    return file.getvalue()


def plain(mode: str, size: tuple[int, int], colour: Any = 0) -> Image.Image:
    return Image.new(mode, size, colour)


def halves(size: tuple[int, int], left: str = "red", right: str = "blue") -> Image.Image:
    picture = Image.new("RGB", size, right)
    picture.paste(left, (0, 0, size[0] // 2, size[1]))
    return picture


def swapped_profile() -> bytes:
    """sRGB, but that what a file calls red is green."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"xxxx").replace(b"gXYZ", b"rXYZ").replace(b"xxxx", b"gXYZ")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in chunks)


def png_header(width: int, height: int, colour: int = 2, depth: int = 8) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def write_large_png(path: Path, side: int, colour: int, samples: int) -> None:
    """A square of one colour; `colour` is PNG's colour type, `samples` how many bytes a pixel has."""
    deflating = zlib.compressobj(1)
    row = b"\0" + b"\x7f" * side * samples
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(*png_header(side, side, colour)))
        if colour == 3:
            file.write(chunk(b"PLTE", bytes(range(256)) * 3) + chunk(b"tRNS", b"\x80" * 256))
        file.write(chunk(b"IDAT", b"".join(deflating.compress(row) for _ in range(side)) + deflating.flush()))
        file.write(chunk(b"IEND", b""))


def gif_of_frames(count: int) -> bytes:
    frame = b"\x21\xf9\x04\0\x01\0\0\0" + b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * count + b";"


def jpeg_claiming(width: int, height: int, **settings: Any) -> bytes:
    """A small JPEG whose frame header says something else."""
    small = saved(plain("RGB", (16, 16)), "JPEG", **settings)
    at = small.index(b"\xff\xc2" if settings.get("progressive") else b"\xff\xc0")
    return small[: at + 5] + struct.pack(">HH", height, width) + small[at + 9 :]


def webp_claiming(width: int, height: int) -> bytes:
    """Lossless, of a few bytes (RFC 9649, 3.4)."""
    packed = (width - 1) | (height - 1) << 14
    return (
        b"RIFF"
        + struct.pack("<I", 30)
        + b"WEBPVP8L"
        + struct.pack("<I", 18)
        + b"\x2f"
        + struct.pack("<I", packed)
        + bytes(13)
    )


def bmp_claiming(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 16, 0, 0, 54) + head + bytes(16)
