"""Lists in every order, pages of them, and search: by words, parts of names, tags, types and folders."""

import unicodedata
from typing import Literal
from uuid import uuid4

import pytest
from file_client import FileClient

from strongroom.web.pages import encode_cursor

FILES = {
    "reports/2026/Q3_report-final.pdf": (b"%PDF-1.7 3", ["finance", "ä ö"]),
    "reports/2026/q4 report.txt": (b"four", ["finance", "draft"]),
    "reports/2025/Annual.txt": (b"", []),
    "photos/Ångström.png": (b"\x89PNG\r\n\x1a\n" + bytes(20), ["holiday"]),
    "photos/100%_sure.txt": (b"12345", ["holiday", "finance"]),
    "notes": (b"plain", []),
    "日本語の報告書.txt": (b"jp", []),
}

# By words of a name, of tags, or by a part of a name.
FOUND: dict[str, set[str]] = {
    "report": {"reports/2026/Q3_report-final.pdf", "reports/2026/q4 report.txt"},
    "REPORT final": {"reports/2026/Q3_report-final.pdf"},
    "fin": {"reports/2026/Q3_report-final.pdf", "reports/2026/q4 report.txt", "photos/100%_sure.txt"},
    "q4 fin": {"reports/2026/q4 report.txt"},
    "ngstr": {"photos/Ångström.png"},
    "ångström": {"photos/Ångström.png"},
    "0%_": {"photos/100%_sure.txt"},
    "report-final": {"reports/2026/Q3_report-final.pdf"},
    "報告書": {"日本語の報告書.txt"},
    "2026": set(),
    "nothing": set(),
    "!": set(),
    "' | x:* & !": set(),
    "%": set(),
    "ö": {"reports/2026/Q3_report-final.pdf"},
}


@pytest.fixture
async def filled(ada: FileClient) -> FileClient:
    for path, (content, tags) in FILES.items():
        file = (await ada.upload(content, "x", "application/octet-stream", path=path)).json()["id"]
        if tags:
            assert (await ada.patch(f"/files/{file}", tags=tags)).status_code == 200
    return ada


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("name", lambda path: path.rpartition("/")[2].casefold()),
        ("path", lambda path: path),
        ("size", lambda path: len(FILES[path][0])),
        ("created_at", lambda path: list(FILES).index(path)),
        ("updated_at", lambda path: list(FILES).index(path)),
    ],
)
async def test_every_order_gives_each_file_once_whatever_the_page(filled: FileClient, sort: str, key: object) -> None:
    assert callable(key)
    for limit in (1, 2, 3, 7, 100):
        ascending = await filled.paths(sort=sort, limit=limit)
        assert sorted(ascending) == sorted(FILES)
        assert [key(path) for path in ascending] == sorted(key(path) for path in FILES)
        assert await filled.paths(sort=f"-{sort}", limit=limit) == ascending[::-1]


async def test_equal_values_do_not_end_a_list_early(ada: FileClient) -> None:
    for folder in range(9):
        await ada.put(f"{folder}/same", b"x")
    for sort in ("name", "-name", "size", "-size"):
        assert len(set(await ada.paths(sort=sort, limit=2))) == 9


async def test_a_list_with_a_prefix_comes_by_path(filled: FileClient) -> None:
    assert await filled.paths(prefix="reports/") == sorted(path for path in FILES if path.startswith("reports/"))
    assert await filled.paths(prefix="reports/2026/q") == ["reports/2026/q4 report.txt"]
    assert await filled.paths(prefix="reports/2026/", sort="-size") == [
        "reports/2026/Q3_report-final.pdf", "reports/2026/q4 report.txt",
    ]  # fmt: skip
    assert await filled.paths(prefix="photos/100%") == ["photos/100%_sure.txt"]
    assert await filled.paths(prefix="Reports/") == []
    assert await filled.paths(prefix="%") == []


async def test_words_of_names_and_tags_and_parts_of_names_are_found(filled: FileClient) -> None:
    assert {words: set(await filled.paths(q=words)) for words in FOUND} == FOUND


async def test_tags_and_types_are_found_exactly(filled: FileClient) -> None:
    assert set(await filled.paths(tag="holiday")) == {"photos/Ångström.png", "photos/100%_sure.txt"}
    assert await filled.paths(tag=["holiday", "finance"]) == ["photos/100%_sure.txt"]
    assert await filled.paths(tag="holi") == []
    assert await filled.paths(content_type="image/*") == ["photos/Ångström.png"]
    assert await filled.paths(content_type="application/pdf") == ["reports/2026/Q3_report-final.pdf"]
    assert await filled.paths(content_type="text/plain", prefix="photos/") == ["photos/100%_sure.txt"]
    assert await filled.paths(content_type="image/") == []


async def test_a_type_with_parameters_is_found_by_its_name(ada: FileClient) -> None:
    await ada.put("a", b"x", Content_Type="text/x-own; charset=utf-8")
    await ada.put("b", b"x", Content_Type="text/x-own-too")
    assert await ada.paths(content_type="text/x-own") == ["a"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_names_are_found_in_either_form_of_unicode(ada: FileClient, form: Literal["NFC", "NFD"]) -> None:
    await ada.put("Übersicht/Ångström.txt", b"x")
    file = (await ada.get("/files")).json()["items"][0]["id"]
    await ada.patch(f"/files/{file}", tags=[unicodedata.normalize("NFD", "größe")])
    for params in ({"prefix": "Über"}, {"q": "ångström"}, {"q": "gström"}, {"q": "größe"}):
        name, text = next(iter(params.items()))
        assert await ada.paths(**{name: unicodedata.normalize(form, text)}) == ["Übersicht/Ångström.txt"]


async def test_types_are_found_in_any_case(ada: FileClient) -> None:
    await ada.put("a", b"x", Content_Type="Text/X-Own")
    for kind in ("text/x-own", "TEXT/X-OWN", "text/*", "TEXT/*"):
        assert await ada.paths(content_type=kind) == ["a"]


async def test_what_changes_is_found_by_what_it_is_now(filled: FileClient) -> None:
    file = (await filled.get("/files", q="annual")).json()["items"][0]["id"]
    await filled.patch(f"/files/{file}", filename="Yearly.txt", tags=["new"])
    assert await filled.paths(q="annual") == []
    assert await filled.paths(q="year") == await filled.paths(q="new") == ["reports/2025/Yearly.txt"]
    await filled.delete(f"/files/{file}")
    assert await filled.paths(q="year") == []
    assert await filled.paths(q="year", trashed=True) == ["reports/2025/Yearly.txt"]


async def test_conditions_and_pages_go_together(ada: FileClient) -> None:
    for number in range(25):
        await ada.put(f"{'even' if number % 2 == 0 else 'odd'}/file {number:02}", b"x" * number)
    for sort in ("name", "-name", "size", "-size", "path", "-path", "created_at", "-updated_at"):
        assert len(await ada.paths(prefix="even/", q="file", sort=sort, limit=4)) == 13


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "owner_id"}, {"sort": "--name"}, {"sort": "name;drop"}, {"q": "a\0"}, {"prefix": "a\0"},
        {"tag": "a\0"}, {"content_type": "\0"}, {"q": "x" * 1025}, {"trashed": "perhaps"}, {"limit": 0},
        {"tag": ["x"] * 11},
    ],
)  # fmt: skip
async def test_a_nonsensical_search_is_refused(ada: FileClient, params: dict[str, object]) -> None:
    assert (await ada.get("/files", **params)).status_code == 422


async def test_a_cursor_belongs_to_the_order_it_came_with(filled: FileClient) -> None:
    for sort in ("name", "size", "updated_at", "path", "created_at"):
        cursor = (await filled.get("/files", sort=sort, limit=1)).json()["next_cursor"]
        other = "name" if sort != "name" else "size"
        assert (await filled.get("/files", sort=sort, cursor=cursor)).status_code == 200
        assert (await filled.get("/files", sort=other, cursor=cursor)).status_code == 422
        assert (await filled.get("/files", sort=f"-{sort}", cursor=cursor)).status_code == 422
        assert (await filled.get("/files", sort=sort, cursor=cursor[:-4])).status_code == 422


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("name", "\ud800"), ("path", "\udfff"), ("updated_at", "0001-01-01T00:00:00+14:00"), ("size", "\ud800"),
        ("updated_at", "9999-12-31T23:59:59-14:00"), ("updated_at", "2026-01-01T00:00:00"), ("created_at", "\ud800"),
    ],
)  # fmt: skip
async def test_a_cursor_with_what_no_file_has_is_refused(ada: FileClient, sort: str, value: str) -> None:
    answer = await ada.get("/files", sort=sort, cursor=encode_cursor(sort, value, str(uuid4())))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:invalid-cursor")
