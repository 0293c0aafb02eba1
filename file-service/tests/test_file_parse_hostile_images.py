"""What pictures cost that are made to cost a lot. All run in a parser's own process."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from parsing import MIB, parsed
from picture_builder import (
    bmp_claiming,
    gif_of_frames,
    jpeg_claiming,
    plain,
    png,
    png_header,
    saved,
    webp_claiming,
    write_large_png,
)
from PIL import Image

pytestmark = pytest.mark.heavy

LITTLE = 96 * MIB  # enough for what is not large
PIXEL = zlib.compress(b"\0\x01\x02\x03")
END = (b"IEND", b"")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'


@pytest.mark.parametrize(
    "file",
    [
        SVG,
        b"",
        b"plain text",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        saved(plain("RGB", (9, 9)), "PPM"),
        saved(plain("RGBA", (16, 16)), "ICO"),
        saved(plain("RGB", (9, 9)), "TGA"),
    ],
    ids=["svg", "nothing", "text", "pdf", "eps", "ppm", "ico", "tga"],
)
def test_what_is_no_picture_here_is_unsupported(file: bytes) -> None:
    refusal = parsed("image", file, content_type="image/png").refusal
    assert refusal == ("unsupported", "This is not a picture of a kind that can be read")


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"])
def test_a_picture_that_is_cut_off_is_broken(image_format: str) -> None:
    whole = saved(Image.effect_noise((200, 200), 90).convert("RGB"), image_format)
    for length in (40, len(whole) * 9 // 10):
        outcome = parsed("image", whole[:length])
        assert outcome.refusal == ("broken", "The picture is broken or cut off")
        assert not outcome.objects


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"])
def test_a_picture_with_garbage_in_it_is_told_or_broken(image_format: str) -> None:
    whole = saved(Image.effect_noise((64, 64), 90).convert("RGB"), image_format)
    for start in range(10, 200, 60):
        outcome = parsed("image", whole[:start] + b"\xff" * 25 + whole[start + 25 :])
        assert outcome.exit_code == 0
        assert outcome.facts or (outcome.refusal or ("",))[0] in {"broken", "unsupported", "too-large"}


@pytest.mark.parametrize(
    "file",
    [
        png([png_header(50_000, 50_000), (b"IDAT", PIXEL), END]),
        png([png_header(2**31 - 1, 2**31 - 1), (b"IDAT", PIXEL), END]),
        jpeg_claiming(65_000, 65_000),
        bmp_claiming(50_000, 50_000),
        b"GIF89a" + b"\xff" * 4 + b"\0\0\0" + gif_of_frames(1)[19:],
    ],
    ids=["png", "larger png", "jpeg", "bmp", "gif"],
)
def test_a_picture_that_claims_too_many_pixels_is_refused_unread(file: bytes) -> None:
    refusal = parsed("image", file, memory=LITTLE, seconds=10).refusal
    assert refusal == ("too-large", "The picture has more than 100 megapixels")


@pytest.mark.parametrize(
    "file",
    [
        jpeg_claiming(10_000, 10_000, progressive=True),
        webp_claiming(16_383, 16_383),
        webp_claiming(9_000, 9_000),
        saved(plain("RGB", (8_000, 8_000)), "TIFF", compression="tiff_deflate"),
    ],
    ids=["jpeg", "large webp", "webp", "tiff"],
)
def test_a_picture_that_its_decoder_has_no_room_for_is_refused_unread(file: bytes) -> None:
    refusal = parsed("image", file, memory=LITTLE).refusal
    assert refusal == ("too-large", "The picture takes too much memory to be decoded")


@pytest.mark.parametrize("image_format", ["AVIF", "WEBP", "TIFF"])
def test_a_file_that_its_decoder_would_read_whole_is_refused_unread(tmp_path: Path, image_format: str) -> None:
    path = tmp_path / "large"
    path.write_bytes(saved(plain("RGB", (9, 9)), image_format))
    os.truncate(path, 2**30)  # the rest takes no room on disk
    refusal = parsed("image", path, memory=LITTLE, seconds=2).refusal
    assert refusal == ("too-large", "The picture takes too much memory to be decoded")


@pytest.mark.parametrize(
    ("colour", "samples"),
    [pytest.param(2, 3, marks=pytest.mark.heavy), pytest.param(3, 1, marks=pytest.mark.heavy), (6, 4)],
    ids=["rgb", "palette", "rgba"],
)
def test_a_hundred_megapixels_fit(tmp_path: Path, colour: int, samples: int) -> None:
    write_large_png(tmp_path / "large.png", 10_000, colour, samples)
    outcome = parsed("image", tmp_path / "large.png", memory=512 * MIB)
    assert outcome.found["thumbnails"][-1] == {"width": 1024, "height": 1024}
    assert outcome.peak < 576 * MIB


@pytest.mark.heavy
@pytest.mark.parametrize(
    "picture",
    [
        lambda: saved(plain("RGBA", (5_900, 4_400)), "WEBP", lossless=False, method=0),
        lambda: saved(plain("RGBA", (6_400, 4_600)), "AVIF", quality=50, speed=10),
        lambda: saved(plain("RGB", (6_400, 6_400)), "TIFF", compression="tiff_deflate", tiffinfo={278: 6_400}),
        lambda: saved(plain("RGB", (10_000, 10_000)), "JPEG", progressive=True, subsampling=2, quality=50),
        lambda: saved(plain("RGBA", (100_000, 900)), "PNG", compress_level=1),
    ],
    ids=["webp", "avif", "tiff in one strip", "progressive jpeg", "panorama"],
)
def test_the_largest_of_every_format_fits(picture: Callable[[], bytes]) -> None:
    assert parsed("image", picture(), memory=512 * MIB).found["thumbnails"]


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_a_text_that_explodes_is_refused(kind: bytes) -> None:
    bomb = zlib.compress(bytes(200 * MIB), 1)
    head = b"a\0\1\0\0\0" if kind == b"iTXt" else b"a\0\0"
    file = png([png_header(1, 1), (kind, head + bomb), (b"IDAT", PIXEL), END])
    assert parsed("image", file, memory=LITTLE).refusal == ("broken", "The picture is broken or cut off")


def test_pixels_that_explode_are_not_all_read() -> None:
    file = png([png_header(1, 1), (b"IDAT", zlib.compress(bytes(200 * MIB), 1)), END])
    assert parsed("image", file, memory=LITTLE).found["width"] == 1


def test_texts_behind_the_pixels_are_not_kept() -> None:
    texts = [(b"tEXt", b"a\0" + b"x" * MIB)] * 200
    file = png([png_header(1, 1), (b"IDAT", PIXEL), *texts, END])
    outcome = parsed("image", file, memory=LITTLE)
    assert outcome.facts or outcome.refusal


def test_frames_are_counted_and_not_decoded() -> None:
    found = parsed("image", gif_of_frames(200_000), memory=LITTLE, seconds=10).found
    assert (found["frames"], found["animated"]) == (200_000, True)


@pytest.mark.heavy
def test_a_million_frames_are_counted() -> None:
    assert parsed("image", gif_of_frames(1_000_000), memory=LITTLE).found["frames"] == 1_000_000


def test_pages_are_counted_to_a_thousand() -> None:
    page = plain("L", (2, 2))
    file = saved(page, "TIFF", save_all=True, append_images=[page] * 1_200)
    assert parsed("image", file, memory=LITTLE, seconds=10).found["frames"] == 1_000


def test_pages_that_go_round_in_a_circle_are_counted_once() -> None:
    page = plain("L", (2, 2))
    file = bytearray(saved(page, "TIFF"))
    directory = int.from_bytes(file[4:8], "little")
    end = directory + 2 + 12 * int.from_bytes(file[directory : directory + 2], "little")
    file[end : end + 4] = directory.to_bytes(4, "little")
    assert parsed("image", bytes(file), seconds=10).found["frames"] == 1
