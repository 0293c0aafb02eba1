"""Brings the colours of a picture into sRGB, which every screen and every decoder takes for granted."""

from io import BytesIO

from PIL import Image, ImageCms

# The mode that a picture must have for a profile of that colour space (ICC.1:2022, 7.2.8) to mean anything.
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where `picture` is. A `profile` that is broken, or of another kind of picture, is left aside."""
    if picture.mode != "RGBA":
        return _rgb(picture, profile)
    colours = _rgb(picture.convert("RGB"), profile)
    colours.putalpha(picture.getchannel("A"))
    return colours


def _rgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    try:
        if profile and (measured := _by_profile(picture, profile)):
            return measured
    except (ImageCms.PyCMSError, OSError):
        pass
    return picture.convert("RGB")


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image | None:
    embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
    if _MODES.get(embedded.profile.xcolor_space) != picture.mode:
        return None
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.profileToProfile(picture, embedded, srgb, outputMode="RGB")
