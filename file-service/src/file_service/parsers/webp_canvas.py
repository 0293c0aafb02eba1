"""Reads the size of a WebP picture without its decoder, which takes memory for all of it as soon as it opens one."""

HEADER = 30  # bytes that are needed


def webp_canvas(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where `head`, the file's first HEADER bytes, is not of a WebP picture."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < HEADER:
        return None
    match head[12:16]:
        case b"VP8 ":  # RFC 6386, 9.1
            return _number(head[26:28]) & 0x3FFF, _number(head[28:30]) & 0x3FFF
        case b"VP8L":  # RFC 9649, 3.4
            packed = _number(head[21:25])
            return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        case b"VP8X":  # RFC 9649, 2.7
            return _number(head[24:27]) + 1, _number(head[27:30]) + 1
    return None


def _number(field: bytes) -> int:
    return int.from_bytes(field, "little")
