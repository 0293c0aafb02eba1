"""What the whole system refuses, seen from outside: bad names, broken and endless uploads."""

import socket
from urllib.parse import urlsplit

import httpx2
import pytest
from app_client import App


def test_without_a_token_nothing_is_stored(url: str) -> None:
    answer = httpx2.post(f"{url}/files/upload", files={"file": ("a", b"x" * 5_000_000)})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../b", "a\\b", "x" * 300, "line\nbreak"])
def test_a_dangerous_path_is_refused(app: App, name: str) -> None:
    answer = app.send(b"x", path=name)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":invalid-path")
    assert app.listing() == []


def _form(app: App, body: bytes) -> httpx2.Response:
    return app.http.post("/files/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=XX"})


def test_broken_forms_are_refused_and_store_nothing(app: App) -> None:
    head = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    field = b'--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
    cases = [
        (b"--XX--\r\n", 422, "file-missing"),
        (head + b"cut off", 400, "malformed-form"),
        (head.replace(b'="f"', b'=""') + b"x\r\n--XX--\r\n", 422, "invalid-path"),
        (field * 10_000 + head + b"x\r\n--XX--\r\n", 413, "form-too-large"),
    ]
    for body, status, slug in cases:
        answer = _form(app, body)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)
        assert answer.headers["content-type"] == "application/problem+json"
    assert app.listing() == []


def _raw(app: App, head: str, body: bytes = b"") -> socket.socket:
    address = urlsplit(str(app.http.base_url))
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=20)
    connection.sendall(
        f"POST /files/upload HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: {app.http.headers['Authorization']}\r\n"
        f"Content-Type: multipart/form-data; boundary=XX\r\n{head}\r\n\r\n".encode()
        + body
    )
    return connection


def test_an_upload_over_the_limit_is_refused_before_it_is_sent(app: App) -> None:
    with _raw(app, f"Content-Length: {2**50}") as connection:
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_client_that_goes_away_half_way_leaves_no_file(app: App) -> None:
    head = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    _raw(app, "Content-Length: 10000000", head + b"x" * 1_000_000).close()
    app.upload(b"after", "after.txt")
    assert [file["path"] for file in app.listing()] == ["after.txt"]
