"""What is found in a mail, and in one that nobody ever sent."""

from email.message import EmailMessage

import pytest
from parsing import MIB, Outcome, parsed

ENVELOPE = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
MIXED = ENVELOPE + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def read(data: bytes, memory: int = 512) -> Outcome:
    outcome = parsed("document", data, "message/rfc822", memory=memory * MIB)
    assert outcome.facts or outcome.refusal, outcome.exit_code
    return outcome


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Zoë Müller <zoe@example.org>"
    message["To"] = "Ann <ann@example.org>, bob@example.org"
    message["Date"] = "Tue, 01 Jul 2025 10:00:00 +0200"
    message["Subject"] = "Über den Plan: größer, schöner"
    message.set_content("Hallo,\nso geht es weiter.\n")
    return message


def test_a_mail_tells_who_wrote_what_to_whom_and_when() -> None:
    outcome = read(letter().as_bytes())
    assert outcome.text == "Hallo,\nso geht es weiter.\n"
    assert outcome.found == {
        "kind": "document",
        "format": "eml",
        "title": "Über den Plan: größer, schöner",
        "language": None,
        "page_count": None,
        "characters": len(outcome.text),
        "text_truncated": False,
        "from": "Zoë Müller <zoe@example.org>",
        "to": "Ann <ann@example.org>, bob@example.org",
        "date": "2025-07-01T10:00:00+02:00",
        "attachments": [],
    }


def test_plain_text_is_preferred_to_the_same_in_html() -> None:
    message = letter()
    message.add_alternative("<p>Not this</p>", subtype="html")
    assert read(message.as_bytes()).text == "Hallo,\nso geht es weiter.\n"


def test_html_is_read_as_a_page_where_there_is_no_plain_text() -> None:
    message = letter()
    message.set_content("<html lang=fr><style>p{}</style><p>Bonjour<p>à tous</html>", subtype="html", charset="latin-1")
    outcome = read(message.as_bytes())
    assert (outcome.text, outcome.found["language"]) == ("Bonjour\nà tous\n", "fr")


def test_attachments_are_listed_and_not_read() -> None:
    message = letter()
    message.add_attachment(b"%PDF" * 1000, maintype="application", subtype="pdf", filename="Größe.pdf")
    message.add_attachment("secret text", filename="notes.txt")
    outcome = read(message.as_bytes())
    assert "secret" not in outcome.text
    assert outcome.found["attachments"] == [
        {"filename": "Größe.pdf", "content_type": "application/pdf", "size": 4000},
        {"filename": "notes.txt", "content_type": "text/plain", "size": 12},
    ]


def test_a_mail_that_was_forwarded_whole_is_read_too() -> None:
    message = EmailMessage()
    message.set_content("See below")
    message.add_attachment(letter())
    assert read(message.as_bytes()).text == "See below\n\nHallo,\nso geht es weiter.\n"


@pytest.mark.parametrize("charset", ["x-none", "rot13", "idna", "utf-7", "''", "a\0b", "utf-16", "x" * 10_000])
def test_a_charset_that_does_not_exist_is_guessed(charset: str) -> None:
    head = ENVELOPE + f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    outcome = read(head + "Grüße aus Köln".encode())
    assert outcome.found["characters"] > 0
    assert charset == "utf-16" or outcome.text == "Grüße aus Köln\n"


def test_a_body_in_windows_1252_without_a_charset_is_read() -> None:
    assert read(ENVELOPE + b"\r\nGr\xfc\xdfe").text == "Grüße\n"


@pytest.mark.parametrize("garbage", [b"A", b"====", b"\xff\xfe\0", b"QUJD" * 1000 + b"*", b"!" * 10_000])
def test_broken_base64_gives_what_it_gives(garbage: bytes) -> None:
    read(ENVELOPE + b"Content-Transfer-Encoding: base64\r\n\r\n" + garbage)


@pytest.mark.parametrize(
    "head",
    [
        b"Subject: =?utf-8?q?" + b"a" * 100_000 + b"?=",
        b"Subject: =?utf-8?b?////?= =?rot13?q?x?= =?utf-8?x?y?=",
        b"From: " + b"(" * 100_000,
        b"From: " + b"<" * 100_000,
        b"To: " + b"a," * 100_000,
        b"To: " + b'"' + b"\\" * 100_001,
        b"Date: Tue, 99 Foo 99999999999999999999 99:99:99 +9999999999",
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 100_000,
        b"Content-Type: multipart/mixed",
        b"Content-Type: text/plain; " + b"a*0*=utf-8''x; " * 100_000,
        b"Content-Disposition: attachment; filename*=utf-7''%00%ff; filename*0*=x",
        b"Subject: a\r\n" + b" b\r\n" * 100_000,
        b"no colon at all\r\n" * 10,
        b": \r\n:\r\n\0: \xff",
        b"X: y\r\n" * 50_000,
    ],
)
def test_broken_headers_are_no_reason_to_fail(head: bytes) -> None:
    facts = read(head + b"\r\n\r\nbody\r\n", memory=256).found
    assert all(len(facts[name] or "") <= 500 for name in ("title", "from", "to", "date"))


def test_parts_nested_five_thousand_deep_are_refused() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (at, at) for at in range(5_000))
    assert read(ENVELOPE + deep + b"\r\nx").refusal == ("unsupported", "The mail's parts are nested too deeply")
    assert read(ENVELOPE + b"Content-Type: message/rfc822\r\n\r\n" * 5_000).refusal is not None


@pytest.mark.parametrize("part", [b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n", b"--b\r\n\r\n"])
def test_of_a_hundred_thousand_parts_a_thousand_are_read(part: bytes) -> None:
    outcome = read(MIXED + part * 100_000 + b"--b--", memory=128)
    assert outcome.found["text_truncated"]
    assert len(outcome.found["attachments"]) <= 100
    assert outcome.text.count("1") <= 1_000


def test_of_many_attachments_a_hundred_are_listed() -> None:
    facts = read(MIXED + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 500 + b"--b--").found
    assert (len(facts["attachments"]), facts["text_truncated"]) == (100, False)


@pytest.mark.parametrize("line", [b"\r\n", b"The quick brown fox jumps over the lazy dog, every day.\r\n"])
def test_a_mail_larger_than_memory_is_read_in_part(line: bytes) -> None:
    outcome = read(ENVELOPE + b"\r\n" + line * (80_000_000 // len(line)))
    assert outcome.found["text_truncated"]
    assert outcome.found["title"] == "s"
