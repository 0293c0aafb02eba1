"""What the whole system refuses, seen from outside: forged tokens, bad names, broken and endless uploads."""

import base64
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
import pytest
from app_client import App
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _forgeries(token: str, jwk: dict[str, Any]) -> dict[str, str]:
    """Tokens that a careless verifier would take."""
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    body, _, signature = token.rpartition(".")
    own = generate_private_key(public_exponent=65537, key_size=2048)
    public_key = RSAAlgorithm.from_jwk(jwk)
    assert isinstance(public_key, RSAPublicKey)
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    hmac_body = f"{_encoded({**header, 'alg': 'HS256'})}.{_encoded(claims)}"
    hmac_key = jwt.get_algorithm_by_name("HS256")
    mac = base64.urlsafe_b64encode(hmac_key.sign(hmac_body.encode(), pem)).rstrip(b"=").decode()

    def signed(**changes: Any) -> str:
        kid = {"kid": changes.pop("kid", header["kid"]), "typ": "at+jwt"}
        return jwt.encode({**claims, **changes}, own, "RS256", headers=kid)

    return {
        "alg none": f"{_encoded({**header, 'alg': 'none'})}.{_encoded(claims)}.",
        "HS256 with the public key": f"{hmac_body}.{mac}",
        "a changed payload": f"{_encoded(header)}.{_encoded({**claims, 'scope': 'admin'})}.{signature}",
        "no signature": f"{body}.",
        "another key": signed(),
        "an unknown kid": signed(kid="unknown"),
        "expired": signed(exp=1),
        "another issuer": signed(iss="http://elsewhere.test"),
        "another audience": signed(aud="elsewhere"),
    }


def test_forged_tokens_open_nothing(app: App) -> None:
    jwk = app.http.get("/.well-known/jwks.json").json()["keys"][0]
    for kind, forged in _forgeries(app.tokens["access_token"], jwk).items():
        for address in ("/auth/profile", "/files"):
            answer = app.http.get(address, headers={"Authorization": f"Bearer {forged}"})
            assert answer.status_code == 401, kind
            assert 'error="invalid_token"' in answer.headers["www-authenticate"], kind
            assert answer.headers["content-type"] == "application/problem+json", kind


def test_without_a_token_nothing_is_stored(url: str) -> None:
    answer = httpx2.post(f"{url}/files/upload", files={"file": ("a", b"x" * 5_000_000)})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../b", "a\\b", "x" * 300, "line\nbreak"])
def test_a_dangerous_path_is_refused(app: App, name: str) -> None:
    answer = app.upload(b"x", path=name)
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
    assert app.upload(b"after", "after.txt").status_code == 201
    assert [file["path"] for file in app.listing()] == ["after.txt"]
