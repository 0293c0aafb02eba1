"""The readers of the shared package: tokens, key sets, cursors, JSON, traces, and what proxies tell."""

import base64
import json
from typing import Any

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from fuzzing import JSON, Target, damaged, header, like, run, text
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from strongroom import TokenVerifier
from strongroom.errors import InvalidToken, KeysUnavailable
from strongroom.jwks import JwksCache
from strongroom.testing import TestIssuer
from strongroom.token_answers import UnusableAnswer, held_token, refusal
from strongroom.trace_context import trace_of
from strongroom.web.json_text import JsonText, NotText
from strongroom.web.pages import InvalidCursor, decode_cursor, decode_uuid_cursor, encode_cursor
from strongroom.web.public_address import BehindProxies, PublicAddress

ISSUER = TestIssuer()
VERIFIER = TokenVerifier(ISSUER.url, http=ISSUER.http())
TOKEN = ISSUER.token("ada")


def _verify(token: str) -> None:
    run(VERIFIER.verify(token))


def _signed(parts: tuple[Any, Any]) -> str:
    """By the issuer itself, so that what stands behind the signature is read too."""
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    signature = ISSUER.private_key.sign(f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{claims}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _answering(content: bytes) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=content)))


def _key_set(content: bytes) -> None:
    run(JwksCache("http://issuer.test/jwks", _answering(content)).key(ISSUER.kid))


def _body(content: bytes) -> None:
    sent = [{"type": "http.request", "body": content, "more_body": False}]

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        await receive()

    async def receive() -> Message:
        return sent.pop()

    scope = {"type": "http", "path": "/", "headers": [(b"content-type", b"application/json")]}
    run(JsonText(app)(scope, receive, _nowhere))


async def _nowhere(_: Message) -> None:
    pass


def _asked_at(fields: dict[str, str]) -> None:
    """What is told has no room for anything but an address."""
    found = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        found.append(PublicAddress("https://strongroom.test").of(scope))

    headers = [(name.encode(), value.encode("latin-1")) for name, value in fields.items()]
    scope = {"type": "http", "scheme": "http", "client": ("127.0.0.1", 1), "headers": headers}
    run(BehindProxies(app, "127.0.0.1")(scope, _never, _nowhere))
    assert not set(found[0]) & set(" \t\"'<>;,?#\\@"), found


async def _never() -> Message:
    raise AssertionError


FORWARDED = st.fixed_dictionaries(
    {},
    optional={
        "x-forwarded-for": header("192.0.2.7, 127.0.0.1", "[2001:db8::1]:80", "unknown"),
        "x-forwarded-host": header("door.test:8443", "[::1]", "a, b"),
        "x-forwarded-prefix": header("/vault", "//elsewhere", "/a%2fb"),
        "x-forwarded-proto": header("https", "wss", "https, http"),
    },
)

TARGETS = [
    Target("token", _verify, header(TOKEN, "a.b.c", signs=".=-_"), (InvalidToken,)),
    Target(
        "token of the issuer",
        lambda parts: _verify(_signed(parts)),
        st.tuples(like({"alg": "RS256", "kid": ISSUER.kid, "typ": "at+jwt"}), like(ISSUER.claims("ada"))),
        (InvalidToken,),
    ),
    Target(
        "key set",
        _key_set,
        like({"keys": ISSUER.keys}).map(lambda document: json.dumps(document).encode())
        | damaged(json.dumps({"keys": ISSUER.keys}).encode()),
        (InvalidToken, KeysUnavailable),
    ),
    Target(
        "cursor", lambda sent: decode_cursor(sent, length=2), text(encode_cursor("a", "b"), "W10"), (InvalidCursor,)
    ),
    Target(
        "cursor with any JSON in it",
        lambda sent: decode_uuid_cursor(base64.urlsafe_b64encode(json.dumps(sent).encode()).decode()),
        JSON | st.lists(st.text(), max_size=2),
        (InvalidCursor,),
    ),
    Target(
        "JSON body", _body, damaged(b'{"name": "\\ud83d\\ude00"}', b'["\\ud800"]', "{}".encode("utf-16")), (NotText,)
    ),
    Target(
        "trace context",
        lambda sent: trace_of([sent[0]], sent[1]),
        st.tuples(
            header(f"00-{'a' * 32}-{'b' * 16}-01", signs="-0f"), st.lists(header("a=b,c@d=e", "k=v"), max_size=3)
        ),
    ),
    Target("forwarded headers", _asked_at, FORWARDED),
    Target(
        "answer of a token endpoint",
        lambda sent: (refusal(sent), held_token(sent, 0.0)),
        like({"access_token": "t", "token_type": "bearer", "expires_in": 900, "error": "invalid_client"}).map(
            lambda answer: json.dumps(answer).encode()
        )
        | damaged(b'{"access_token": "t", "token_type": "bearer"}'),
        (UnusableAnswer,),
    ),
]
