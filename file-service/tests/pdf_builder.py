"""Writes PDFs by hand (ISO 32000-1), object by object, also such as no writer would make."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import md5
from io import BytesIO
from typing import BinaryIO

A4 = b"0 0 595 842"
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_IDENTITY = b"0123456789abcdef"


def document(objects: Iterable[bytes], trailer: bytes = b"") -> bytes:
    """The first of the objects is the catalog; they are numbered from 1."""
    written = BytesIO()
    write(written, objects, trailer)
    return written.getvalue()


def write(file: BinaryIO, objects: Iterable[bytes], trailer: bytes = b"") -> None:
    file.write(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    file.write(b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, trailer, start))


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)


def shown(text: str) -> bytes:
    """The content of a page that shows a line of text."""
    return b"BT /F 24 Tf 72 700 Td (%b) Tj ET" % text.encode("latin-1")


def pages(contents: Sequence[bytes], box: bytes = A4, page: bytes = b"") -> list[bytes]:
    """The objects of a document with a page for each content stream, a whole object; `page` are more of its entries."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(contents)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for content in contents:
        resources = b"/Resources<</Font<</F 3 0 R>>>>"
        contained = b"/Contents %d 0 R" % (len(objects) + 2)
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[%b]%b%b%b>>" % (box, contained, resources, page))
        objects.append(content)
    return objects


def text_document(*texts: str) -> bytes:
    return document(pages([stream(shown(text)) for text in texts]))


def encrypted(text: str, password: bytes, owner_password: bytes) -> bytes:
    """One page, encrypted by RC4 with 40 bits (7.6.3, revision 2)."""
    owner = _rc4(md5(_padded(owner_password)).digest()[:5], _padded(password))
    permissions = -4
    secret = _padded(password) + owner + permissions.to_bytes(4, "little", signed=True) + _IDENTITY
    key = md5(secret).digest()[:5]
    content_number = 5
    content = _rc4(md5(key + content_number.to_bytes(3, "little") + b"\0\0").digest()[:10], shown(text))
    handler = b"/Encrypt<</Filter/Standard/V 1/R 2/P %d/O<%b>/U<%b>>>/ID[<%b><%b>]" % (
        permissions,
        owner.hex().encode(),
        _rc4(key, _PADDING).hex().encode(),
        _IDENTITY.hex().encode(),
        _IDENTITY.hex().encode(),
    )
    return document(pages([stream(content)]), handler)


def blanks(mebibytes: int) -> bytes:
    """White space, deflated a thousand times; without a checksum that would take as long as all of it."""
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = deflating.compress(b" " * 1024 * 1024) + deflating.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\x9c" + block * mebibytes + b"\x03\x00"


def scans(number_of_pages: int, size: int) -> Iterator[bytes]:
    """The objects of a document whose pages are a grey picture each, of `size` bytes in the file."""
    yield b"<</Type/Catalog/Pages 2 0 R>>"
    numbers = range(3, 3 + 3 * number_of_pages, 3)
    yield b"<</Type/Pages/Kids[%b]/Count %d>>" % (b" ".join(b"%d 0 R" % number for number in numbers), number_of_pages)
    side = int(size**0.5)
    kind = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray" % (side, side)
    for number in numbers:
        resources = b"<</XObject<</I %d 0 R>>>>" % (number + 2)
        yield b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents %d 0 R/Resources%b>>" % (A4, number + 1, resources)
        yield stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        yield stream(bytes(size), kind)


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    encrypted, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        encrypted.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(encrypted)
