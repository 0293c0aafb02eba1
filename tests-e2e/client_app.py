"""An app that people sign in to with Strongroom, whichever library it is written with."""

from dataclasses import dataclass
from typing import Any, Protocol

from app_client import App

Answer = dict[str, Any]

SCOPE = "openid profile email files:read"
PROGRAM_SCOPE = "files:read"
REDIRECT = "https://app.example/back"


def register(admin: App, **wanted: Any) -> Answer:
    body = {"name": "Photo Printer", "scopes": SCOPE.split(), "redirect_uris": [REDIRECT], **wanted}
    answer = admin.http.post("/auth/clients", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@dataclass(frozen=True)
class Registration:
    client_id: str
    client_secret: str
    redirect_uri: str


class ClientApp(Protocol):
    """The library raises `refusal` with the code in `error`, and `forgery` for an ID token that is not right."""

    refusal: type[Any]
    forgery: type[Exception]
    metadata: Answer
    nonce: str

    def __init__(self, issuer: str, registration: Registration) -> None: ...

    def link(self) -> str:
        """Where the app sends a person to sign in: each time with a state, a nonce and a verifier of its own."""
        ...

    def redeem(self, back: str) -> Answer:
        """Exchanges what the address brings. The library compares the state."""
        ...

    def redeem_code(self, code: str) -> Answer:
        """Exchanges a code that came by another way."""
        ...

    def identity(self, id_token: str) -> Answer:
        """The claims, once signature, issuer, audience and times have been found right."""
        ...

    def refresh(self, refresh_token: str) -> Answer: ...

    def program_token(self) -> Answer:
        """By the client credentials grant."""
        ...

    def get(self, address: str) -> Answer:
        """With the access token in hand."""
        ...

    def revoke(self, token: str) -> None: ...

    def introspect(self, token: str) -> Answer: ...

    def close(self) -> None: ...
