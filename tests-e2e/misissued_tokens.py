"""Access tokens that the issuer itself signed and never should have: with one thing wrong, and all else right."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import jwt
from genuine_token import Genuine
from signed_by_hand import signed
from stack import Stack

from auth_service.keys.sealing import MasterKey
from auth_service.keys.signing_key import SigningKey

Tokens = dict[str, str]

_HOUR = 3600


def key_of(stack: Stack, kid: str) -> SigningKey:
    """As only its operator can have it: out of the database, opened with the master key."""
    environment = stack.service("auth_service").environ()
    url = environment["STRONGROOM_DATABASE_URL"].replace("postgresql+asyncpg://", "postgresql://")

    async def sealed() -> bytes:
        connection = await asyncpg.connect(url)
        try:
            found = await connection.fetchval("select sealed_private_key from auth.signing_keys where kid = $1", kid)
        finally:
            await connection.close()
        return bytes(found)

    master_key = MasterKey(environment["STRONGROOM_MASTER_KEY"])
    return SigningKey.from_der(master_key.open(asyncio.run(sealed()), kid))


@dataclass(frozen=True)
class Misissuer:
    """`key` is that of the issuer of `genuine`."""

    genuine: Genuine
    key: SigningKey

    def with_claims(self, **change: Any) -> str:
        """None leaves a claim out."""
        return self._signed(self.genuine.header, _changed(self.genuine.claims, change))

    def with_header(self, **change: Any) -> str:
        return self._signed(_changed(self.genuine.header, change), self.genuine.claims)

    def _signed(self, header: Mapping[str, Any], claims: bytes | Mapping[str, Any]) -> str:
        return signed(self.key.private, header, claims)

    def expired(self) -> Tokens:
        now = int(time.time())
        twice = json.dumps(self.genuine.claims)[:-1] + f', "exp": {now - 60}}}'  # the last one counts: RFC 7519 §4
        return {
            "a minute late": self.with_claims(exp=now - 60),
            "a year late": self.with_claims(exp=now - 365 * 24 * _HOUR),
            "an end twice": self._signed(self.genuine.header, twice.encode()),
        }

    def for_somebody_else(self) -> Tokens:
        issuer = self.genuine.claims["iss"]
        return {
            "another issuer": self.with_claims(iss="http://elsewhere.test"),
            "an issuer like ours": self.with_claims(iss=f"{issuer}/"),
            "an issuer in capitals": self.with_claims(iss=issuer.upper()),
            "several issuers": self.with_claims(iss=[issuer]),
            "no issuer": self.with_claims(iss=None),
            "another audience": self.with_claims(aud="elsewhere"),
            "an audience in capitals": self.with_claims(aud="STRONGROOM"),
            "audiences without us": self.with_claims(aud=["elsewhere", "third"]),
            "no audience": self.with_claims(aud=None),
            "no audiences": self.with_claims(aud=[]),
            "an ID token's type": self.with_header(typ="JWT"),
            "a logout token's type": self.with_header(typ="logout+jwt"),
            "no type": self.with_header(typ=None),
            "a type that is a list": self.with_header(typ=["at+jwt"]),
        }

    def malformed(self) -> Tokens:
        soon = int(time.time()) + _HOUR
        return {
            "no subject": self.with_claims(sub=None),
            "a subject that is a number": self.with_claims(sub=7),
            "no end": self.with_claims(exp=None),
            "an end in words": self.with_claims(exp="tomorrow"),
            "an end in a list": self.with_claims(exp=[soon]),
            "no beginning": self.with_claims(iat=None),
            "issued in an hour": self.with_claims(iat=soon),
            "not before in an hour": self.with_claims(nbf=soon),
            "not before in words": self.with_claims(nbf="now"),
            "scopes in a list": self.with_claims(scope=["admin"]),
            "roles in a word": self.with_claims(roles="admin"),
            "a session that is a list": self.with_claims(sid=[self.genuine.claims["sid"]]),
            "more than 8 KiB": self.with_claims(filling="x" * 8192),
            "claims in UTF-16": self._signed(self.genuine.header, json.dumps(self.genuine.claims).encode("utf-16")),
            "claims in a list": self._signed(self.genuine.header, json.dumps([self.genuine.claims]).encode()),
            "a token in a token": self._signed(self.genuine.header | {"cty": "JWT"}, self.genuine.token.encode()),
            "packed claims": self._signed(self.genuine.header | {"zip": "DEF"}, b"\x03\x00"),
        }

    def oddly_headed(self) -> Tokens:
        """The same key under another name or algorithm, and extensions that must be understood."""
        really = {name: {**self.genuine.header, "alg": name} for name in ("RS384", "RS512", "PS256")}
        return {
            "a critical extension": self.with_header(crit=["x"], x=1),
            "a critical extension that is known": self.with_header(crit=["b64"], b64=True),
            "no critical extension": self.with_header(crit=[]),
            "an algorithm that it is not signed by": self.with_header(alg="RS512"),
            "no algorithm": self.with_header(alg=None),
            "no kid": self.with_header(kid=None),
            "another kid": self.with_header(kid="another"),
            **{
                f"really signed by {name}": jwt.encode(self.genuine.claims, self.key.private, name, headers=header)
                for name, header in really.items()
            },
        }


def _changed(known: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**known, **change}.items() if value is not None}
