"""Watches all that goes between clients and the service, knows what of it is secret, and finds that elsewhere."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import httpx2
from browser import Page

# Names of parameters, members and cookies. What has no more than digits is not looked for: any number is like it.
SECRET = {
    *("password", "current_password", "new_password", "refresh_token", "access_token", "id_token", "code", "token"),
    *("code_verifier", "client_secret", "secret", "recovery_codes", "mfa_token", "passkey_token", "csrf"),
    *("strongroom_browser", "strongroom_csrf", "strongroom_device", "strongroom_refresh"),
}
_IN_PAGES = {"csrf", "mfa_token", "token"}  # what our forms carry, for the browser that they are shown in
_IN_LINKS = {"/auth/email/verify", "/auth/password/reset"}
_SHORTEST = 8


def _encodings(data: bytes) -> Iterator[str]:
    """In hexadecimal, as bytea is dumped, and in base64 wherever in something longer it begins."""
    yield data.hex()
    for pad in range(3):
        inner = base64.b64encode(bytes(pad) + data).decode()[4:-4]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def _meant(secret: str) -> Iterator[bytes]:
    yield secret.encode()
    if re.fullmatch(r"[\w-]{40,}", secret, re.ASCII):
        yield base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    bare = secret.replace("-", "").upper()
    if re.fullmatch(r"([A-Z2-7]{8})+", bare):
        yield from (bare.encode(), bare.lower().encode(), base64.b32decode(bare))


@cache
def forms_of(secret: str) -> frozenset[str]:
    """All that it could be written as: the text or the bytes that it stands for, encoded once or twice."""
    plain = {secret, secret.rpartition(".")[2], secret.replace("-", ""), quote_plus(secret), json.dumps(secret)[1:-1]}
    once = {form for data in _meant(secret) for form in _encodings(data)}
    twice = {form.encode().hex() for form in once}
    return frozenset(form.lower() for form in plain | once | twice if len(form) >= _SHORTEST)


@dataclass
class Wire:
    """`secrets` are by kind; `answers` have what they answer to with them."""

    secrets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: list[httpx2.Response] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=20, trust_env=False, verify=False, event_hooks={"response": [self._saw]})

    def learn(self, kind: str, secret: str) -> str:
        if len(secret) >= _SHORTEST and not secret.isdigit():
            self.secrets[kind].add(secret)
        return secret

    async def _saw(self, answer: httpx2.Response) -> None:
        await answer.aread()
        self.answers.append(answer)
        for name, value in (*_sent(answer.request), *_told(answer)):
            if name in SECRET:
                self.learn(name, value)

    def found_in(self, text: str, *, but: Iterable[str] = ()) -> set[str]:
        """The secrets that are in it, each after its kind."""
        for expected in sorted(but, key=len, reverse=True):  # or a short one would leave a part of a long one
            text = text.replace(expected, "").replace(quote_plus(expected), "")
        text = text.lower()
        return {
            f"{kind} {secret}"
            for kind, known in self.secrets.items()
            for secret in known
            if any(form in text for form in forms_of(secret))
        }

    def leaks(self, *, log: str, database: str) -> dict[str, set[str]]:
        """What is somewhere that it must not be, by where."""
        found = {
            "log": self.found_in(log),
            "database": self.found_in(database),
            "errors": self.found_in_errors(),
            "headers": self.found_in_headers(),
            "addresses": self.found_in_addresses(),
        }
        return {where: secrets for where, secrets in found.items() if secrets}

    def found_in_errors(self) -> set[str]:
        """A page shown again has the values of its form in it, and `mfa_required` is where that token is told."""
        found = set()
        for answer in self.answers:
            if answer.status_code >= 400:
                own = [value for name, value in _told(answer) if name in _IN_PAGES]
                found |= self.found_in(answer.text, but=own if _may_tell(answer) else ())
        return found

    def found_in_headers(self) -> set[str]:
        """A cookie is told in the header that sets it, and a code in the address that the person goes back to."""
        found = set()
        for answer in self.answers:
            for name, value in answer.headers.multi_items():
                found |= self.found_in(value, but=[one for _, one in (*_cookies(answer), *_code(answer))])
                found |= self.found_in(name)
        return found

    def found_in_addresses(self) -> set[str]:
        """Asked for, sent on to, or linked: nothing but the code on its way back, and what a link in a mail is for."""
        found = set()
        for answer in self.answers:
            asked, code = answer.request.url, [one for _, one in _code(answer)]
            links = [value for name, value in parse_qsl(asked.query.decode()) if asked.path in _IN_LINKS]
            found |= self.found_in(str(asked), but=links)
            found |= self.found_in(answer.headers.get("location", ""), but=code)
            for _, attributes in Page(answer).tags:
                for name in {"href", "action", "src"} & attributes.keys():
                    found |= self.found_in(attributes[name])
        return found


Pairs = Iterable[tuple[str, str]]


def _sent(request: httpx2.Request) -> Pairs:
    yield from parse_qsl(request.url.query.decode())
    kind, body = request.headers.get("content-type", ""), request.content.decode(errors="replace")
    if kind == "application/x-www-form-urlencoded":
        yield from parse_qsl(body)
    elif kind == "application/json":
        yield from _members(body)


def _told(answer: httpx2.Response) -> Pairs:
    yield from (*_cookies(answer), *_code(answer))
    if "json" in answer.headers.get("content-type", ""):
        yield from _members(answer.text)
    for form in Page(answer).forms:
        yield from form.fields.items()


def _may_tell(answer: httpx2.Response) -> bool:
    return bool(Page(answer).forms) or '"error":"mfa_required"' in answer.text


def _cookies(answer: httpx2.Response) -> Pairs:
    for header in answer.headers.get_list("set-cookie"):
        yield from ((name, morsel.value) for name, morsel in SimpleCookie(header).items())


def _code(answer: httpx2.Response) -> Pairs:
    if answer.headers.get("location", "").startswith("https://app.example/"):
        yield from parse_qsl(urlsplit(answer.headers["location"]).query)


def _members(text: str) -> Pairs:
    try:
        yield from _walked("", json.loads(text))
    except ValueError:
        return


def _walked(name: str, value: Any) -> Pairs:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for one in value:
            yield from _walked(name, one)
    elif isinstance(value, dict):
        for inner, one in value.items():
            yield from _walked(inner, one)
