"""The pages of share links, which must work for everybody: without JavaScript, without a cookie, on a phone."""

import base64
import re
from hashlib import sha256

import pytest
from file_client import FileClient
from link_visitor import BROWSER, LinkVisitor, Seen, linked, linked_folder, prolong

from file_service.links.pages.views import readable_size
from file_service.links.preference import prefers_page
from strongroom.database import Database


async def test_a_person_sees_name_and_size_and_a_button(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"x" * 1234, "reports/q3.txt", expires_at="2999-03-04T05:06:00Z")
    answer = await visitor.browse(link["url"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    seen = Seen(answer.text)
    for text in ("q3.txt", "1.2 kB", "until 4 March 2999, 05:06 UTC"):
        assert text in seen.text
    assert "reports" not in seen.text
    assert [one["href"] for one in seen.all("a")] == ["?download=1"]
    assert (await visitor.browse(link["url"], query="?download=1")).content == b"x" * 1234


async def test_the_page_loads_runs_and_leaks_nothing(ada: FileClient, visitor: LinkVisitor) -> None:
    open_, guarded = await linked(ada), await linked(ada, password="right")
    for answer in (
        await visitor.browse(open_["url"]),
        await visitor.browse(guarded["url"]),
        await visitor.browse(guarded["url"], "POST"),
        await visitor.browse("https://x/s/never"),
    ):
        seen = Seen(answer.text)
        for tag in ("script", "link", "img", "iframe", "object", "base"):
            assert seen.all(tag) == []
        assert not re.search(r"\son\w+=|javascript:|style=|https?:", answer.text)
        style = re.search("<style>(.*)</style>", answer.text, re.DOTALL)
        assert style is not None
        allowed = base64.b64encode(sha256(style[1].encode()).digest()).decode()
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["vary"] == "accept"
        assert "set-cookie" not in answer.headers
        assert "prefers-color-scheme: dark" in answer.text
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in seen.all("meta")


async def test_a_name_is_text_and_nothing_else(ada: FileClient, visitor: LinkVisitor) -> None:
    for name in (
        "<script>alert(1)<_script>.txt",
        '"><img src=x onerror=alert(1)>.txt',
        "'-alert(1)-'.txt",
        "{{ 7*7 }}{% raw %}.txt",
        "&lt;b&gt;.txt",
    ):
        seen = Seen((await visitor.browse((await linked(ada, path=name))["url"])).text)
        assert name in seen.text
        assert seen.all("script") == seen.all("img") == []


async def test_a_name_cannot_turn_the_rest_around(ada: FileClient, visitor: LinkVisitor) -> None:
    answer = await visitor.browse((await linked(ada, path="invoice\u202efdp.exe"))["url"])
    assert "\u202e" not in answer.text
    assert "invoice\ufffdfdp.exe" in answer.text


async def test_a_folder_is_shown_as_its_archive(ada: FileClient, visitor: LinkVisitor) -> None:
    await ada.upload(b"x" * 600, path="2026/reports/a.txt")
    await ada.upload(b"x" * 600, path="2026/reports/b/b.txt")
    link = await linked_folder(ada, "2026/reports")
    seen = Seen((await visitor.browse(link["url"])).text)
    assert "reports.zip" in seen.text
    assert "2 files, 1.2 kB" in seen.text
    answer = await visitor.browse(link["url"], query="?download=1")
    assert answer.headers["content-type"] == "application/zip"


async def test_a_password_is_asked_for_before_anything_is_told(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, path="secret-plans.txt", password="right")
    answer = await visitor.browse(link["url"])
    assert answer.status_code == 200
    assert "secret-plans" not in answer.text
    seen = Seen(answer.text)
    assert [one["method"] for one in seen.all("form")] == ["post"]
    assert [(one["name"], one["type"]) for one in seen.all("input")] == [("password", "password")]
    assert "action" not in seen.all("form")[0]


async def test_the_form_gives_the_bytes_for_the_right_password(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, password="crème brûlée & more=+%")
    answer = await visitor.ask(link["url"], "POST", form={"password": "crème brûlée & more=+%"}, headers=BROWSER)
    assert (answer.status_code, answer.content) == (200, b"some bytes")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_wrong_password_shows_the_form_again_with_the_reason(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, password="right")
    for form, reason in (
        ({"password": "wrong"}, "This is not the password of the link"),
        ({"password": "x" * 5000}, "This is not the password of the link"),
        ({"password": ""}, "This link needs its password"),
        ({}, "This link needs its password"),
    ):
        answer = await visitor.ask(link["url"], "POST", form=form, headers=BROWSER)
        assert answer.status_code == 401
        # No scheme that a browser would open a window of its own for.
        assert answer.headers["www-authenticate"].startswith("Strongroom-Form ")
        seen = Seen(answer.text)
        assert reason in seen.text
        assert [one["name"] for one in seen.all("input")] == ["password"]
        assert "wrong" not in seen.text


async def test_whoever_guesses_in_the_form_is_told_to_wait(
    ada: FileClient, visitor: LinkVisitor, database: Database
) -> None:
    link = await linked(ada, password="right")
    for _ in range(5):
        await visitor.ask(link["url"], "POST", form={"password": "wrong"}, headers=BROWSER)
    await prolong(database)
    answer = await visitor.ask(link["url"], "POST", form={"password": "right"}, headers=BROWSER)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3590
    assert "Too many wrong passwords" in Seen(answer.text).text


async def test_a_browser_that_wants_the_bytes_without_the_password_gets_the_form(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    answer = await visitor.browse((await linked(ada, password="right"))["url"], query="?download=1")
    assert answer.status_code == 401
    assert len(Seen(answer.text).all("form")) == 1


async def test_the_button_works_for_a_link_without_a_password_by_post_too(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    assert (await visitor.browse((await linked(ada))["url"], "POST")).content == b"some bytes"


async def test_a_page_of_hypertext_is_saved_and_not_shown(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"<!doctype html><script>alert(1)</script>", "page.html")
    for query in ("?download=1", "?download=1&disposition=inline"):
        answer = await visitor.browse(link["url"], query=query)
        assert answer.headers["content-disposition"] == 'attachment; filename="page.html"'


async def test_a_head_of_the_page_is_the_pages(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada)
    head, full = await visitor.browse(link["url"], "HEAD"), await visitor.browse(link["url"])
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "content-security-policy"):
        assert head.headers[name] == full.headers[name]


async def test_a_dead_link_tells_people_on_a_page(visitor: LinkVisitor) -> None:
    for method in ("GET", "POST"):
        answer = await visitor.browse("https://x/s/never", method)
        assert answer.status_code == 404
        assert "does not work" in Seen(answer.text).text


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("TEXT/HTML;Q=0.9, */*;q=0.8", True),
        ("text/html;level=1;q=0.4, text/html", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("image/avif,image/webp,*/*", False),
        ("text/html;q=0.5, */*", False),
        ("text/html;q=0", False),
        ("text/html;q=nan", False),
        ("text/html;q=x, */*;q=0.1", False),
        (", ;q=1,,", False),
    ],
)
def test_people_are_told_from_programs_by_what_they_accept(accept: str | None, page: bool) -> None:
    assert prefers_page(accept) is page


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (50 * 1024**3, "54 GB"),
        (10**18, "1000000 TB"),
    ],
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert readable_size(size) == shown
