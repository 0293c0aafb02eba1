"""What is told of PDFs, and what the hostile ones cost. All run in a parser's own process."""

import zlib
from io import BytesIO
from pathlib import Path

import pytest
from parsing import MIB, Outcome, parsed
from pdf_builder import blanks, document, encrypted, pages, scans, shown, stream, text_document, write
from PIL import Image

from file_service.parsers.contract import OUT_OF_MEMORY
from file_service.parsers.passages import MOST
from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS, THUMBNAIL_WIDTHS, thumbnail_name

EVERY_THUMBNAIL = {thumbnail_name(width, kind) for width in THUMBNAIL_WIDTHS for kind in THUMBNAIL_FORMATS}
LIMIT = 512 * MIB + 64 * MIB
LITTLE = 96 * MIB  # enough for what is not large


def thumbnail(outcome: Outcome, width: int = 128, kind: str = "webp") -> Image.Image:
    return Image.open(BytesIO(outcome.objects[thumbnail_name(width, kind)]))


def lightness(picture: Image.Image, at: tuple[int, int]) -> object:
    return picture.convert("L").getpixel(at)


def test_a_document_is_told_with_its_text_and_its_first_page() -> None:
    outcome = parsed("pdf", text_document("The first page", "Il a mangé"))
    assert outcome.found == {
        "kind": "pdf",
        "page_count": 2,
        "title": None,
        "encrypted": False,
        "thumbnails": [
            {"width": 128, "height": 181},
            {"width": 256, "height": 362},
            {"width": 512, "height": 725},
            {"width": 1024, "height": 1450},
        ],
        "pages_read": 2,
        "text_truncated": False,
    }
    assert outcome.passages == [(1, "The first page"), (2, "Il a mangé")]
    assert set(outcome.objects) == EVERY_THUMBNAIL


def test_a_page_is_drawn_on_white() -> None:
    outcome = parsed("pdf", document(pages([stream(b"0 0 595 421 re f")])))
    for kind in THUMBNAIL_FORMATS:
        page = thumbnail(outcome, kind=kind)
        assert lightness(page, (64, 20)) == pytest.approx(255, abs=3)
        assert lightness(page, (64, 160)) == pytest.approx(0, abs=3)


def test_a_turned_page_is_drawn_as_it_is_read() -> None:
    outcome = parsed("pdf", document(pages([stream(b"")], page=b"/Rotate 90")))
    assert outcome.found["thumbnails"][-1] == {"width": 1024, "height": 724}


@pytest.mark.parametrize(
    ("title", "told"),
    [
        (b"(  The year in figures ) ", "The year in figures"),
        (b"<FEFF00DC006200650072>", "Über"),
        (b"<FEFFD83D>", None),
        (b"(   )", None),
        (b"(" + b"x" * 100_000 + b")", "x" * 500),
    ],
)
def test_a_title_is_told_in_short(title: bytes, told: str | None) -> None:
    objects = [*pages([stream(b"")]), b"<</Title %b>>" % title]
    found = parsed("pdf", document(objects, b"/Info 6 0 R")).found
    assert found["title"] == told


def test_one_page_can_be_asked_for() -> None:
    file = document(pages([stream(shown("white")), stream(b"0 0 595 842 re f")]))
    outcome = parsed("pdf", file, options={"page": 2})
    assert outcome.found == {"page": 2}
    assert set(outcome.objects) == EVERY_THUMBNAIL
    assert outcome.passages == []
    assert lightness(thumbnail(outcome), (64, 90)) == pytest.approx(0, abs=3)


@pytest.mark.parametrize("page", [-1, 0, 3, 10**30])
def test_a_page_that_does_not_exist_is_refused(page: int) -> None:
    outcome = parsed("pdf", text_document("one", "two"), options={"page": page})
    assert outcome.refusal == ("unsupported", f"There is no page {page}")


def test_a_document_with_a_password_is_refused() -> None:
    refusal = parsed("pdf", encrypted("secret", b"password", b"owner")).refusal
    assert refusal == ("encrypted", "The document can be read only with a password")


def test_a_document_that_only_its_owner_may_change_is_read() -> None:
    outcome = parsed("pdf", encrypted("for everyone", b"", b"owner"))
    assert (outcome.text, outcome.found["encrypted"]) == ("for everyone", False)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"%PDF-1.7\n",
        b"not a document at all",
        document([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        document([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 5>>"]),
        document([b"null"]),
        document([b"1 0 R"]),
    ],
    ids=["empty", "head", "other", "no pages", "its own page", "no catalog", "its own catalog"],
)
def test_what_is_no_document_is_broken(file: bytes) -> None:
    refusal = parsed("pdf", file).refusal
    assert refusal
    assert refusal[0] == "broken"


def test_a_document_that_is_cut_off_is_found_again_or_broken() -> None:
    whole = text_document("The first page", "The second page")
    for length in range(0, len(whole), 150):
        outcome = parsed("pdf", whole[:length])
        assert outcome.exit_code == 0
        assert outcome.facts or (outcome.refusal or ("",))[0] == "broken"


def test_a_broken_page_does_not_hide_the_others() -> None:
    objects = pages([stream(shown(text)) for text in ("one", "two", "three")])
    objects[5] = b"(not a page)"
    outcome = parsed("pdf", document(objects))
    assert outcome.passages == [(1, "one"), (3, "three")]
    assert outcome.found["pages_read"] == 3


def test_a_table_that_refers_to_itself_ends() -> None:
    whole = text_document("round and round")
    start = whole.rindex(b"xref\n0")
    looping = whole.replace(b"trailer\n<<", b"trailer\n<</Prev %d" % start)
    assert parsed("pdf", looping, seconds=10).text == "round and round"


@pytest.mark.parametrize("opening", [b"[", b"<</A"], ids=["arrays", "dictionaries"])
def test_a_million_levels_of_nesting_end(opening: bytes) -> None:
    objects = [*pages([stream(shown("deep"))]), opening * 1_000_000]
    outcome = parsed("pdf", document(objects, b"/Info 6 0 R"), seconds=20)
    assert outcome.exit_code == 0
    assert outcome.text == "deep" or (outcome.refusal or ("",))[0] == "broken"


def test_nested_arrays_in_a_page_end() -> None:
    assert parsed("pdf", document(pages([stream(b"[" * 1_000_000 + shown("x"))])), seconds=20).found["pages_read"] == 1


def test_a_tree_of_pages_too_deep_to_climb_is_broken() -> None:
    levels = 5_000
    tree = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(2, levels)]
    leaf = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>" % (levels - 1)
    outcome = parsed("pdf", document([b"<</Type/Catalog/Pages 2 0 R>>", *tree, leaf]), seconds=20)
    assert outcome.refusal == ("broken", "Page 1 is broken")


def test_a_count_of_pages_that_lies_is_not_believed_for_long() -> None:
    objects = pages([stream(shown("one"))])
    objects[1] = b"<</Type/Pages/Kids[4 0 R]/Count 2000000000>>"
    outcome = parsed("pdf", document(objects), seconds=40)
    assert outcome.text == "one"


def test_ten_thousand_pages_are_read() -> None:
    outcome = parsed("pdf", text_document(*(f"page {number}" for number in range(1, 10_001))), memory=LITTLE)
    assert outcome.found["pages_read"] == outcome.found["page_count"] == 10_000
    assert outcome.passages[9_999] == (10_000, "page 10000")


def test_a_text_without_end_is_cut() -> None:
    page = stream(
        zlib.compress(b"BT /F 1 Tf " + b"0 -1 Td (%b) Tj " % (b"word " * 40) * 2_000 + b"ET"), b"/Filter/FlateDecode"
    )
    outcome = parsed("pdf", document(pages([page] * 20, box=b"0 -3000 595 842")))
    assert outcome.found["text_truncated"]
    assert 0 < outcome.found["pages_read"] < 20
    assert MOST - 8_000 < len(outcome.text) <= MOST


@pytest.mark.parametrize(
    ("box", "largest"),
    [
        (b"0 0 1000000 1", {"width": 1024, "height": 1}),
        (b"0 0 1 1000000", {"width": 1, "height": 4096}),
        (b"0 0 1000000 1000000", {"width": 1024, "height": 1024}),
        (b"0 0 0.001 0.001", {"width": 1024, "height": 1024}),
    ],
)
def test_a_page_of_absurd_size_takes_no_more_than_another(box: bytes, largest: dict[str, int]) -> None:
    outcome = parsed("pdf", document(pages([stream(b"0 0 1 1 re f")], box=box)), memory=LITTLE)
    assert outcome.found["thumbnails"][-1] == largest


@pytest.mark.parametrize("box", [b"0 0 0 0", b"0 0 0 100", b"0 0 1e400 1", b"/A /B /C /D", b""])
def test_a_page_of_impossible_size_is_drawn_or_broken(box: bytes) -> None:
    outcome = parsed("pdf", document(pages([stream(b"")], box=box)))
    assert outcome.facts or (outcome.refusal or ("",))[0] == "broken"


@pytest.mark.parametrize("twice", [False, True])
def test_a_bomb_of_a_gibibyte_ends_for_lack_of_memory(twice: bool) -> None:
    bomb = blanks(1024)
    content = (
        stream(zlib.compress(bomb), b"/Filter[/FlateDecode/FlateDecode]")
        if twice
        else stream(bomb, b"/Filter/FlateDecode")
    )
    outcome = parsed("pdf", document(pages([content])))
    assert outcome.exit_code == OUT_OF_MEMORY
    assert outcome.peak < LIMIT


def test_a_bomb_that_fits_goes_off_in_vain() -> None:
    outcome = parsed("pdf", document(pages([stream(blanks(128), b"/Filter/FlateDecode")])))
    assert (outcome.found["pages_read"], outcome.text) == (1, "")
    assert outcome.peak < LIMIT


def test_a_picture_in_a_page_that_claims_too_much_is_left_out() -> None:
    kind = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    objects = [*pages([stream(b"q 595 0 0 842 0 0 cm /I Do Q")], page=b"/Resources<</XObject<</I 6 0 R>>>>")]
    outcome = parsed("pdf", document([*objects, stream(b"few", kind)]))
    assert outcome.facts or outcome.exit_code == OUT_OF_MEMORY
    assert outcome.peak < LIMIT


def test_scripts_and_forms_are_left_alone() -> None:
    objects = pages([stream(shown("quiet"))])
    script = b"/OpenAction<</S/JavaScript/JS(while\\(true\\){})>>/AcroForm<</Fields[]/XFA(<xdp/>)>>"
    objects[0] = b"<</Type/Catalog/Pages 2 0 R%b>>" % script
    assert parsed("pdf", document(objects), seconds=10).text == "quiet"


def test_the_memory_for_scans_does_not_grow_with_their_number(tmp_path: Path) -> None:
    file = tmp_path / "scans.pdf"
    with file.open("wb") as writing:
        write(writing, scans(300, 1_000_000))
    assert parsed("pdf", file, memory=128 * MIB).found["pages_read"] == 300
