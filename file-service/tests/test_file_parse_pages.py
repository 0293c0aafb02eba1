"""What is read of an HTML page, and in which encoding."""

import codecs

import pytest
from parsing import Outcome, parsed

ENGLISH = "It was a bright cold day in April, and the clocks were striking thirteen."


def read(page: str | bytes) -> Outcome:
    return parsed("document", page if isinstance(page, bytes) else page.encode(), "text/html")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one\n  two<p>three", "one two\nthree\n"),
        ("a <b>b</b>c<i> d</i>", "a bc d\n"),
        ("one<br>two<div><div>three</div></div>", "one\ntwo\nthree\n"),
        ("<pre>a\n  b</pre> c\n d", "a\n  b\nc d\n"),
        ("<table><tr><th>a<th>b<tr><td><p>c</p><p>d</p><td>e</table>", "a\tb\nc d\te\n"),
        ("<ul><li>a<li>b</ul><hr>c", "a\nb\nc\n"),
        ("x<script>if (a<b) '</p>'</script><style>p{}</style><template>t</template><noscript>n</noscript>y", "xy\n"),
        ("&amp;&lt;&eacute;&#8364;&nbsp;&bogus;", "&<é€\xa0&bogus;\n"),
        ("<!-- no --><![CDATA[no]]><?no?>x", "x\n"),
        ("a</p></div></html>b", "a\nb\n"),
        ("just text", "just text\n"),
        ("<img alt=x><input value=y>", ""),
        ("", ""),
        ("a zero\0within<p>c", "a zero\ufffdwithin\nc\n"),
    ],
)
def test_a_page_is_read_as_it_is_seen(page: str, text: str) -> None:
    assert read(page).text == text


def test_a_page_tells_its_title_and_language() -> None:
    page = f"<!doctype html><html lang='de-AT'><title>\n A &amp; B\n</title><svg><title>C</title></svg><p>{ENGLISH}"
    facts = read(page).found
    assert (facts["format"], facts["title"], facts["language"]) == ("html", "A & B", "de")


def test_a_title_has_500_characters_at_most() -> None:
    assert read("<title>" + "x" * 1_000_000).found["title"] == "x" * 500


@pytest.mark.parametrize("lang", ["x-klingon", "%s"])
def test_a_language_that_is_none_is_not_told(lang: str) -> None:
    assert read(f'<html lang="{lang}"><p>{ENGLISH}').found["language"] is None


@pytest.mark.parametrize(
    "page",
    [
        "<meta charset=windows-1251><p>Привет".encode("cp1251"),
        "<META http-equiv=Content-Type content='text/html; charset=KOI8-R'><p>Привет".encode("koi8-r"),
        codecs.BOM_UTF8 + "<meta charset=windows-1251><p>Привет".encode(),
        "\ufeff<meta charset=latin1><p>Привет".encode("utf-16"),
        "<meta charset=utf-16><p>Привет".encode(),
        "<meta charset=utf-7><p>Привет".encode(),
        "<meta charset=rot13><p>Привет".encode(),
        "<meta charset=''><p>Привет".encode(),
        "<p>Привет".encode(),
        "<p>Привет".encode("utf-16-le"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_browsers_take(page: bytes) -> None:
    assert read(page).text.strip("\ufeff") == "Привет\n"


def test_nothing_is_fetched_and_nothing_is_included() -> None:
    page = (
        "<!DOCTYPE html SYSTEM 'file:///etc/passwd'><base href='http://127.0.0.1:1/'><iframe src='file:///etc/passwd'>"
    )
    assert "root:" not in read(page + "</iframe><object data=x>y</object>z<?php include '/etc/passwd' ?>").text
