"""The readers of the auth service: forms, addresses, the requests of apps, and what is sealed."""

import base64
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from fuzzing import Target, damaged, header, text
from hypothesis import strategies as st

from auth_service.accounts.emails import parse_email
from auth_service.accounts.errors import InvalidEmail, WeakPassword
from auth_service.accounts.strength import require_strong
from auth_service.authorization.csrf import Csrf
from auth_service.authorization.errors import RequestRefused
from auth_service.authorization.request import checked
from auth_service.authorization.return_address import ReturnAddress
from auth_service.clients.errors import InvalidRedirectUri
from auth_service.clients.redirects import matches, require_redirect_uri
from auth_service.clients.repository import Client
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.oauth.client_authentication import _basic
from auth_service.oauth.errors import InvalidClient, InvalidScope
from auth_service.oauth.scopes import narrow
from auth_service.parameters import MalformedParameters, once_each
from auth_service.recovery.submitted import _json

URIS = ("https://app.example:8443/back?x=1", "http://[::1]:3000/back", "com.example.app:/back", "http://127.0.0.1/")
CLIENT = Client(UUID(int=1), "App", None, ("openid", "files:read"), URIS, datetime(2026, 1, 1, tzinfo=UTC))
MASTER_KEY = MasterKey(base64.b64encode(bytes(32)).decode())
SEALED = MASTER_KEY.seal(b"secret", "context")
ASKED = {
    "response_type": ("code", "token", "code token"),
    "response_mode": ("query", "fragment"),
    "scope": ("openid", "openid files:read", "admin"),
    "state": ("s",),
    "code_challenge": ("A" * 43, "="),
    "code_challenge_method": ("S256", "plain"),
    "nonce": ("n",),
    "prompt": ("none", "login consent", "none login"),
    "max_age": ("0", "3600", "-1", "\u0663"),
    "login_hint": ("ada@example.com",),
    "request": ("e30.e30.",),
}


def _redirect(uri: str) -> None:
    """What is accepted goes into a policy of our pages, where it must not end anything (CSP 3 §2.3)."""
    require_redirect_uri(uri)
    back = ReturnAddress(CLIENT, uri, "state")
    assert not set(back.form_target) & set(" ;,'\"\r\n\t"), back.form_target
    assert back.with_answer({"code": "c"}, "https://issuer.test").startswith(uri)


def _password(sent: tuple[str, str]) -> None:
    password, name = sent
    require_strong(password, known=[name, "ada@example.com"])


TARGETS = [
    Target(
        "form",
        once_each,
        damaged(
            urlencode({"grant_type": "password", "username": "ada", "password": "a+b %"}).encode(),
            signs=[b"&", b"=", b"%", b"+"],
        ),
        (MalformedParameters,),
    ),
    Target("JSON of a form", _json, damaged(b'{"token": "t", "new_password": "p"}'), (MalformedParameters,)),
    Target(
        "Basic authentication",
        _basic,
        header(f"Basic {base64.b64encode(b'id:secret').decode()}", "basic bm8gY29sb24=", "Bearer x"),
        (InvalidClient,),
    ),
    Target("redirect URI", _redirect, text(*URIS, signs="@#\\;%[]\t\U0001f600"), (InvalidRedirectUri,)),
    Target(
        "redirect URI that is asked for",
        lambda uri: [matches(uri, known) for known in URIS],
        text(*URIS, signs="@#[]:"),
    ),
    Target(
        "request of an app",
        lambda sent: checked(sent, ReturnAddress(CLIENT, URIS[0], sent.get("state"))),
        st.fixed_dictionaries(
            {}, optional={name: st.sampled_from(known) | text(*known) for name, known in ASKED.items()}
        ),
        (RequestRefused,),
    ),
    Target(
        "scope", lambda sent: narrow(CLIENT.scopes or (), sent), text("openid", "files:read openid"), (InvalidScope,)
    ),
    Target(
        "email address",
        parse_email,
        text(
            "ada@example.com",
            '"a b"@example.com',
            "ada@[192.0.2.7]",
            "jörg@münchen.example",
            signs='@."\\ \u3002\ufe52\u200d',
        ),
        (InvalidEmail,),
    ),
    Target(
        "new password",
        _password,
        st.tuples(text("tide-lantern-42", "Passw0rd!", "19900102"), text("Ada")),
        (WeakPassword,),
    ),
    Target(
        "form of a page",
        lambda sent: Csrf(bytes(32)).holds(*sent),
        st.tuples(st.none() | text("cookie"), text("client_id=x"), st.none() | text("0" * 64)),
    ),
    Target("sealed secret", lambda sent: MASTER_KEY.open(sent, "context"), damaged(SEALED), (WrongMasterKey,)),
]
