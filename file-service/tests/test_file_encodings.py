"""Which encoding a text is taken for."""

import codecs

import pytest

from file_service.parsers.encoding import encoding_of, labelled_encoding

GERMAN = "Die Straße führt über die Brücke nach Köln; dort wäre es schöner.\n" * 5
RUSSIAN = "Это русский текст, который кто-то написал на старой машине.\n" * 5
JAPANESE = "これは日本語のテキストです。\n" * 5
CHINESE = "这是一个中文文本文件。\n" * 5


def read(data: bytes, *, whole: bool = True) -> str:
    return data.decode(encoding_of(data, whole=whole))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_text_reads_as_it_was_written(codec: str) -> None:
    assert read(GERMAN.encode(codec)) == GERMAN


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("utf-16-le", RUSSIAN),
        ("cp932", JAPANESE),
        ("euc_jp", JAPANESE),
        ("utf-16-le", CHINESE),
        ("utf-16-be", CHINESE),
        ("gb18030", CHINESE),
        ("big5", "這是一個中文文字檔案。\n" * 5),
        ("cp949", "이것은 한국어 텍스트입니다.\n" * 5),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy a pak běžel domů.\n" * 5),
    ],
)
def test_a_text_in_another_script_reads_as_it_was_written(codec: str, text: str) -> None:
    assert read(text.encode(codec)) == text


@pytest.mark.parametrize(
    "text",
    ["caf\xe9", "“quoted” it’s", "name;price\ntea;£3\ncoffee;£4\n", "20\xa0°C", "10 €; 20 £"],  # noqa: RUF001
)
def test_a_few_marks_above_ascii_are_windows_1252(text: str) -> None:
    assert read(text.encode("cp1252")) == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8, codecs.BOM_UTF32_BE])
def test_a_mark_alone_is_an_empty_text(mark: bytes) -> None:
    assert read(mark) == ""


def test_nothing_is_utf_8() -> None:
    assert encoding_of(b"", whole=True) == encoding_of(b"", whole=False) == "utf-8"


def test_a_character_that_is_cut_in_two_speaks_against_utf_8_only_at_the_end_of_the_text() -> None:
    cut = "Köln, Tür, Café".encode()[:-1]
    assert encoding_of(cut, whole=False) == "utf-8"
    assert encoding_of(cut, whole=True) != "utf-8"


@pytest.mark.parametrize(("codec", "text"), [("cp932", JAPANESE), ("gb18030", CHINESE)])
def test_a_head_may_end_within_a_character_of_two_bytes(codec: str, text: str) -> None:
    data = ("x" + text.replace("\n", ",") * 5).encode(codec)
    assert {encoding_of(data[:size], whole=False) for size in range(200, 210)} == {codec}


def test_what_follows_the_first_64_kib_is_not_looked_at() -> None:
    assert encoding_of(b"a" * 65_535 + "é".encode() + b"\xff" * 1_000_000, whole=True) == "utf-8"


def test_a_text_with_a_zero_byte_in_it_is_still_utf_8() -> None:
    assert encoding_of("Köln\0 am Rhein".encode(), whole=True) == "utf-8"


def test_noise_has_a_codec_too_and_decodes_in_it() -> None:
    noise = bytes(range(256)) * 300
    noise.decode(encoding_of(noise, whole=True), "replace")


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        (' "UTF-8" ', "utf-8"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("windows-1251", "cp1251"),
        ("koi8-r", "koi8-r"),
        ("iso-2022-jp", "iso2022_jp"),
        ("macintosh", "mac-roman"),
    ],
)
def test_a_label_means_what_browsers_take_it_for(label: str, codec: str) -> None:
    assert labelled_encoding(label) == codec


@pytest.mark.parametrize(
    "label",
    [
        *("rot13", "hex", "zlib", "idna", "punycode", "utf-7", "unicode_escape", "undefined"),
        *("x-none", "a\0b", "", None, "../../etc/passwd", "os", "x" * 100_000, "é", "\ud800"),
    ],
)
def test_a_label_that_names_no_encoding_of_text_is_not_followed(label: str | None) -> None:
    assert labelled_encoding(label) is None
