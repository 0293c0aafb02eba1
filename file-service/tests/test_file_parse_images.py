"""What is told of pictures, and how their thumbnails look. All run in a parser's own process."""

from io import BytesIO
from typing import Any

import pytest
from parsing import Outcome, parsed
from picture_builder import halves, plain, saved, swapped_profile
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS, THUMBNAIL_WIDTHS, thumbnail_name, thumbnail_sizes

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"]
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def thumbnail(outcome: Outcome, width: int = 128, kind: str = "webp") -> Image.Image:
    assert outcome.facts, outcome.refusal
    return Image.open(BytesIO(outcome.objects[thumbnail_name(width, kind)]))


def colour(picture: Image.Image, at: tuple[int, int] = (20, 20), mode: str = "RGB") -> Any:
    """Near enough: encoders are off by a little."""
    return pytest.approx(picture.convert(mode).getpixel(at), abs=4)


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_picture_of_every_format_is_told_and_previewed(image_format: str) -> None:
    outcome = parsed("image", saved(plain("RGB", (1500, 1000), "red"), image_format))
    assert outcome.found == {
        "kind": "image",
        "format": image_format.lower(),
        "width": 1500,
        "height": 1000,
        "frames": 1,
        "animated": False,
        "has_alpha": False,
        "taken_at": None,
        "thumbnails": [
            {"width": 128, "height": 85},
            {"width": 256, "height": 171},
            {"width": 512, "height": 341},
            {"width": 1024, "height": 683},
        ],
    }
    for width, size in zip(THUMBNAIL_WIDTHS, outcome.found["thumbnails"], strict=True):
        for kind, content_type in THUMBNAIL_FORMATS.items():
            made = thumbnail(outcome, width, kind)
            assert made.format == kind.upper()
            assert made.size == (size["width"], size["height"])
            assert outcome.content_types[thumbnail_name(width, kind)] == content_type
            assert colour(made) == RED


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((300, 200), [(128, 85), (256, 171), (300, 200)]),
        ((128, 64), [(128, 64)]),
        ((1, 1), [(1, 1)]),
        ((100, 10_000), [(5, 512), (10, 1024), (20, 2048), (41, 4096)]),
        ((10_000, 1), [(128, 1), (256, 1), (512, 1), (1024, 1)]),
        ((1024, 1024), [(128, 128), (256, 256), (512, 512), (1024, 1024)]),
    ],
)
def test_a_picture_is_never_enlarged(size: tuple[int, int], sizes: list[tuple[int, int]]) -> None:
    assert thumbnail_sizes(*size) == sizes
    outcome = parsed("image", saved(plain("RGB", size), "PNG"))
    assert [(told["width"], told["height"]) for told in outcome.found["thumbnails"]] == sizes
    assert len(outcome.objects) == len(sizes) * len(THUMBNAIL_FORMATS)


@pytest.mark.parametrize(
    ("image_format", "orientation"),
    [*(("JPEG", orientation) for orientation in range(1, 9)), ("PNG", 6), ("WEBP", 8), ("TIFF", 5), ("AVIF", 7)],
)
def test_a_picture_is_turned_upright(image_format: str, orientation: int) -> None:
    undoing = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # to Image.Transpose
    upright = halves((300, 200))
    upright.paste("white", (0, 0, 300, 60))
    stored = upright.transpose(Image.Transpose(undoing[orientation])) if orientation in undoing else upright
    noted = Image.Exif()
    noted[ExifTags.Base.Orientation] = orientation
    outcome = parsed("image", saved(stored, image_format, exif=noted))
    assert (outcome.found["width"], outcome.found["height"]) == (300, 200)
    made = thumbnail(outcome)
    assert made.size == (128, 85)
    assert (colour(made, (20, 10)), colour(made, (20, 70)), colour(made, (110, 70))) == (WHITE, RED, BLUE)


def test_thumbnails_have_nothing_but_pixels() -> None:
    noted = Image.Exif()
    noted[ExifTags.Base.ImageDescription] = "SECRET"
    noted.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2024:05:01 12:34:56"
    noted.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = b"SECRET"
    besides = {"exif": noted, "xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>", "icc_profile": swapped_profile()}
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SECRET")
    for file in (
        saved(halves((300, 200)), "JPEG", comment=b"SECRET", dpi=(77, 77), **besides),
        saved(halves((300, 200)), "PNG", pnginfo=texts, **besides),
        saved(halves((300, 200)), "WEBP", **besides),
        saved(halves((300, 200)), "AVIF", **besides),
    ):
        assert b"SECRET" in file
        outcome = parsed("image", file)
        assert outcome.found["taken_at"] == "2024-05-01T12:34:56"
        assert not {key for key in outcome.found if "gps" in key or "loc" in key}
        made = b"".join(outcome.objects.values())
        assert not [mark for mark in (b"SECRET", b"Exif", b"GPS", b"xmp", b"acsp", b"ICC_PROFILE") if mark in made]


@pytest.mark.parametrize(
    "noted",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "9999:01:01 00:00:00", "2024:13:01 00:00:00", "x" * 9_000, ""],
)
def test_a_time_that_makes_no_sense_is_not_told(noted: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = noted
    assert parsed("image", saved(plain("RGB", (9, 9)), "JPEG", exif=exif)).found["taken_at"] is None


@pytest.mark.parametrize("damage", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_damaged_notes_do_not_spoil_the_picture(damage: bytes) -> None:
    outcome = parsed("image", saved(plain("RGB", (300, 200), "red"), "JPEG", exif=damage))
    assert (outcome.found["taken_at"], colour(thumbnail(outcome))) == (None, RED)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_colours_are_brought_into_srgb(image_format: str) -> None:
    outcome = parsed("image", saved(plain("RGB", (300, 200), "red"), image_format, icc_profile=swapped_profile()))
    assert colour(thumbnail(outcome)) == (0, 255, 0)


def test_colours_of_a_transparent_picture_are_brought_into_srgb() -> None:
    outcome = parsed("image", saved(plain("RGBA", (300, 200), (255, 0, 0, 128)), "PNG", icc_profile=swapped_profile()))
    assert colour(thumbnail(outcome), mode="RGBA") == (0, 255, 0, 128)


def test_a_profile_that_is_broken_or_of_another_kind_is_left_aside() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"no profile", swapped_profile()[:400], lab):
        outcome = parsed("image", saved(plain("RGB", (300, 200), "red"), "JPEG", icc_profile=profile))
        assert colour(thumbnail(outcome)) == RED


@pytest.mark.parametrize(
    ("mode", "stored", "image_format", "shown"),
    [
        ("CMYK", (0, 255, 255, 0), "JPEG", RED),
        ("CMYK", (0, 255, 255, 0), "TIFF", RED),
        ("YCbCr", (76, 85, 255), "TIFF", RED),
        ("LAB", (255, 128, 128), "TIFF", WHITE),
        ("L", 128, "PNG", (128, 128, 128)),
        ("1", 255, "PNG", WHITE),
        ("P", 5, "GIF", (5, 5, 5)),
        ("I;16", 32_768, "PNG", (127, 127, 127)),
        ("I;16", 32_768, "TIFF", (127, 127, 127)),
    ],
)
def test_every_kind_of_pixel_is_shown(mode: str, stored: Any, image_format: str, shown: tuple[int, int, int]) -> None:
    picture = plain(mode, (300, 200), stored)
    if mode == "P":
        picture.putpalette(bytes(value for grey in range(256) for value in (grey, grey, grey)))
    assert colour(thumbnail(parsed("image", saved(picture, image_format)))) == shown


@pytest.mark.parametrize(("mode", "low", "high"), [("F", -0.5, 0.5), ("I", -70_000, 70_000)])
def test_samples_without_bounds_are_shown_from_the_darkest_to_the_lightest(mode: str, low: float, high: float) -> None:
    picture = plain(mode, (300, 200), low)
    picture.paste(high, (150, 0, 300, 200))
    made = thumbnail(parsed("image", saved(picture, "TIFF")))
    assert (colour(made), colour(made, (110, 20))) == ((0, 0, 0), WHITE)


@pytest.mark.parametrize("sample", [float("nan"), float("inf"), -float("inf")])
def test_samples_that_are_no_numbers_do_no_harm(sample: float) -> None:
    picture = plain("F", (300, 200), 1.0)
    picture.paste(sample, (150, 0, 300, 200))
    assert parsed("image", saved(picture, "TIFF")).found["width"] == 300


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "AVIF"),
        ("RGBA", "TIFF"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "GIF"),
    ],
)
def test_what_is_transparent_stays_so_and_is_white_in_a_jpeg(mode: str, image_format: str) -> None:
    picture = plain("RGBA", (300, 200), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 150, 200))
    outcome = parsed("image", saved(picture.convert(mode), image_format))
    assert outcome.found["has_alpha"]
    for kind in ("webp", "avif"):
        made = thumbnail(outcome, kind=kind)
        assert made.getchannel("A").getpixel((20, 20)) == pytest.approx(0, abs=4)
        assert colour(made, (110, 20), "RGBA") == (0, 0, 0, 255)
    made = thumbnail(outcome, kind="jpeg")
    assert (colour(made), colour(made, (110, 20))) == (WHITE, (0, 0, 0))


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_a_moving_picture_is_previewed_by_its_first_frame(image_format: str) -> None:
    frames = [plain("RGB", (300, 200), name) for name in ("red", "lime", "blue")]
    outcome = parsed("image", saved(frames[0], image_format, save_all=True, append_images=frames[1:], duration=100))
    assert (outcome.found["frames"], outcome.found["animated"]) == (3, True)
    made = thumbnail(outcome)
    assert colour(made) == RED
    assert getattr(made, "n_frames", 1) == 1


def test_the_pages_of_a_fax_are_counted() -> None:
    pages = [plain("1", (30, 20), 255)] * 3
    outcome = parsed("image", saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert (outcome.found["frames"], outcome.found["animated"]) == (3, False)


def test_a_photo_with_more_behind_it_is_a_jpeg() -> None:
    file = saved(plain("RGB", (300, 200), "red"), "MPO", save_all=True, append_images=[plain("RGB", (30, 20))])
    outcome = parsed("image", file)
    assert (outcome.found["format"], outcome.found["frames"], outcome.found["animated"]) == ("jpeg", 1, False)
    assert colour(thumbnail(outcome)) == RED


def test_a_photo_of_twelve_megapixels_takes_little() -> None:
    photo = Image.effect_noise((500, 375), 80).resize((4000, 3000)).convert("RGB")
    outcome = parsed("image", saved(photo, "JPEG", quality=90), memory=96 * 1024 * 1024, seconds=15)
    assert outcome.found["width"] == 4000
    assert len(outcome.objects) == 12
