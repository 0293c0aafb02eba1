"""RFC 8725, JSON Web Token Best Current Practices, point by point. What issuing has to do with it: `test_auth_rfc8725`.

What verifying does beyond them is in `test_shared_tokens.py`, and what becomes of a key set in `test_shared_jwks.py`.
"""

import base64
import json
import time
import zlib
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from jwt.algorithms import RSAAlgorithm

from strongroom import TokenVerifier
from strongroom.errors import InvalidToken
from strongroom.testing import TestIssuer

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(key: rsa.RSAPrivateKey, header: bytes, payload: bytes) -> str:
    """By hand, since libraries do not sign what is not right."""
    body = f"{encoded(header)}.{encoded(payload)}"
    return f"{body}.{encoded(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Issuer(TestIssuer):
    """Remembers every address that was asked for anything on its behalf."""

    asked: set[str]

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.add(str(request.url.copy_with(query=None)))
        return await super().answer(request)

    @property
    def header(self) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self.kid, "typ": "at+jwt"}

    def signs(self, **header: Any) -> str:
        return signed(
            self.private_key, json.dumps(self.header | header).encode(), json.dumps(self.claims("ada")).encode()
        )


@pytest.fixture(scope="module")
def key_owner() -> Issuer:
    return Issuer()


@pytest.fixture
def issuer(key_owner: Issuer) -> Issuer:
    key_owner.asked, key_owner.fetches = set(), 0
    key_owner.keys = [key for key in key_owner.keys if key["kid"] == key_owner.kid]
    return key_owner


@pytest.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[TokenVerifier]:
    async with TokenVerifier(issuer.url, http=issuer.http()) as opened:
        yield opened


async def accepted(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except InvalidToken:
        return False
    return True


async def test_the_verifier_and_not_the_header_decides_on_the_algorithm(
    issuer: Issuer, verifier: TokenVerifier
) -> None:
    """§3.1. First of all no public key is taken for the secret of an HMAC."""
    public = issuer.private_key.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        body = ".".join(issuer.signs(alg="HS256").split(".")[:2])
        mac = hmac.HMAC(public.public_bytes(encoding, form), hashes.SHA256())
        mac.update(body.encode())
        assert not await accepted(verifier, f"{body}.{encoded(mac.finalize())}")
    headers = {"kid": issuer.kid, "typ": "at+jwt"}
    others: list[tuple[Any, str]] = [
        ("secret" * 20, "HS256"),
        (issuer.private_key, "RS384"),
        (issuer.private_key, "RS512"),
        (issuer.private_key, "PS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ]
    for key, algorithm in others:
        assert not await accepted(verifier, jwt.encode(issuer.claims(), key, algorithm, headers=headers)), algorithm
    for name in ("rs256", "RS256 ", "HS256", "RSA", 256, None, ["RS256"]):
        assert not await accepted(verifier, issuer.signs(alg=name)), name
    assert issuer.fetches == 0  # none of them could be valid, so the issuer was not bothered
    assert await accepted(verifier, issuer.signs())


async def test_a_token_that_nothing_protects_is_no_token(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.2. `none` is refused in every spelling, with and without a signature."""
    for none in ("none", "None", "NONE", "nOnE", ""):
        token = issuer.signs(alg=none)
        assert not await accepted(verifier, token), none
        assert not await accepted(verifier, token.rpartition(".")[0] + "."), none
    assert not await accepted(verifier, issuer.signs().rpartition(".")[0] + ".")


async def test_every_part_is_covered_by_a_signature_that_is_checked(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.3. A nested token would have an outer and an inner one; it is not taken at all."""
    assert not await accepted(verifier, signed(STRANGER, json.dumps(issuer.header).encode(), b"{}"))
    token = issuer.signs()
    assert await accepted(verifier, token)  # so that a remembered token lends nothing to one that is like it
    for place in range(0, len(token) - 1, 7):  # not the last character, where most bits stand for nothing
        if token[place] != ".":
            changed = token[:place] + ("A" if token[place] not in "ABCD" else "z") + token[place + 1 :]
            assert not await accepted(verifier, changed), place
    head, body, signature = token.split(".")
    other = issuer.token("eve").split(".")
    for mixed in ((head, other[1], signature), (head, body, other[2]), (head, body, ""), (head, body), (body, head)):
        assert not await accepted(verifier, ".".join(mixed))
    for content in (token.encode(), json.dumps(token).encode()):
        nested = signed(issuer.private_key, json.dumps(issuer.header | {"cty": "JWT"}).encode(), content)
        assert not await accepted(verifier, nested)


async def test_a_key_that_anybody_could_break_verifies_nothing(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.4. Short RSA keys, and exponents and moduli that are none, even where the issuer publishes them."""
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    good = issuer.keys[0]
    weak: dict[str, dict[str, Any]] = {
        "short": {**RSAAlgorithm.to_jwk(short.public_key(), as_dict=True), "use": "sig", "alg": "RS256"},
        "exponent one": {**good, "e": encoded(b"\x01")},
        "exponent two": {**good, "e": encoded(b"\x02")},
        "no exponent": {**good, "e": ""},
        "even modulus": {**good, "n": encoded(b"\xff" * 255 + b"\xfe")},
        "no modulus": {**good, "n": encoded(bytes(256))},
        "no base64": {**good, "n": "%%%"},
        "a secret": {"kty": "oct", "k": good["n"]},
        "a point": {"kty": "EC", "crv": "P-256", "x": encoded(b"x" * 32), "y": encoded(b"y" * 32)},
    }
    issuer.keys = [{**key, "kid": kid} for kid, key in weak.items()] + [good]
    for kid in weak:
        header = json.dumps(issuer.header | {"kid": kid}).encode()
        by_the_issuer = signed(issuer.private_key, header, json.dumps(issuer.claims()).encode())
        assert not await accepted(verifier, by_the_issuer), kid
    header, payload = json.dumps(issuer.header | {"kid": "short"}).encode(), json.dumps(issuer.claims()).encode()
    assert not await accepted(verifier, signed(short, header, payload))
    # With the exponent one, whatever is padded properly is its own signature.
    body = f"{encoded(json.dumps(issuer.header | {'kid': 'exponent one'}).encode())}.{encoded(payload)}"
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(body.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest_info)) + b"\x00" + digest_info
    assert not await accepted(verifier, f"{body}.{encoded(padded)}")
    assert await accepted(verifier, issuer.signs())


async def test_no_secret_that_somebody_could_guess_signs_anything(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.5. No symmetric key is used, so there is no memorable one; that the real ones are random, see the service."""
    issuer.keys.append({"kty": "oct", "kid": "password", "alg": "HS256", "use": "sig", "k": encoded(b"secret" * 6)})
    for algorithm in ("HS256", "HS384", "HS512"):
        headers = {"kid": "password", "typ": "at+jwt"}
        assert not await accepted(verifier, jwt.encode(issuer.claims(), "secret" * 20, algorithm, headers=headers))


async def test_nothing_is_decrypted_or_unpacked(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.6. So neither does the length of a token tell anything, nor does a small one become a large one."""
    packed = zlib.compress(json.dumps(issuer.claims()).encode(), wbits=-15)
    assert not await accepted(
        verifier, signed(issuer.private_key, json.dumps(issuer.header | {"zip": "DEF"}).encode(), packed)
    )
    jwe = encoded(json.dumps({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF", "kid": issuer.kid}).encode())
    assert not await accepted(verifier, f"{jwe}.{encoded(b'key')}.{encoded(b'iv')}.{encoded(packed)}.{encoded(b'tag')}")
    assert not await accepted(verifier, issuer.token(filling="x" * 8192))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "latin-1", "cp037"])
async def test_json_is_utf_8(issuer: Issuer, verifier: TokenVerifier, encoding: str) -> None:
    """§3.7, for header and claims alike."""
    header = json.dumps(issuer.header | {"x": "é"}, ensure_ascii=False)
    claims = json.dumps(issuer.claims("é"), ensure_ascii=False)
    for pair in ((encoding, "utf-8"), ("utf-8", encoding), (encoding, encoding)):
        token = signed(issuer.private_key, header.encode(pair[0]), claims.encode(pair[1]))
        assert not await accepted(verifier, token), pair
    right = await verifier.verify(signed(issuer.private_key, header.encode(), claims.encode()))
    assert right.subject == "é"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": ""},
        {"iss": "http://elsewhere.test"},
        {"iss": "http://issuer.test/"},
        {"iss": "HTTP://issuer.test"},
        {"iss": ["http://issuer.test"]},
        {"sub": None},
        {"sub": 7},
        {"sub": ["ada"]},
    ],
)
async def test_issuer_and_subject_are_those_that_belong_to_the_key(
    issuer: Issuer, verifier: TokenVerifier, claims: dict[str, object]
) -> None:
    """§3.8. The key is the issuer's own: another issuer's key is not even looked for."""
    wrong = {name: value for name, value in (issuer.claims() | claims).items() if value is not None}
    assert not await accepted(
        verifier, signed(issuer.private_key, json.dumps(issuer.header).encode(), json.dumps(wrong).encode())
    )
    assert issuer.asked <= {f"{issuer.url}/.well-known/jwks.json", f"{issuer.url}/auth/revocations"}


async def test_a_token_is_for_the_audience_it_names(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.9. One for somebody else, or for nobody in particular, is refused."""
    somebody_else: list[object] = [None, "", "another-service", "Strongroom", [], ["another-service", "third"], 7, {}]
    for aud in somebody_else:
        assert not await accepted(verifier, issuer.token(aud=aud)), aud
    for aud in ("strongroom", ["another-service", "strongroom"]):
        assert await accepted(verifier, issuer.token(aud=aud)), aud
    async with TokenVerifier(issuer.url, audience="archive", http=issuer.http()) as other:
        assert not await accepted(other, issuer.token())
        assert await accepted(other, issuer.token(aud="archive"))


async def test_what_a_token_says_of_its_key_is_not_believed(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.10. `kid` is looked up and nothing else; an address or a key that came along is not used."""
    for kid in (
        "../../../../dev/null",
        "file:///dev/null",
        "http://evil.test/keys.json",
        "' or '1'='1",
        f"x' union select '{issuer.kid}' --",
        f"*)(kid={issuer.kid}",
        "$(reboot)",
        "${jndi:ldap://evil.test/a}",
        f"{issuer.kid}\0",
        f"{issuer.kid} ",
        "\ud800",
        "k" * 4000,
        "",
        7,
        None,
        [issuer.kid],
        {"$ne": ""},
    ):
        assert not await accepted(verifier, issuer.signs(kid=kid)), kid
    own = RSAAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True)
    elsewhere: list[dict[str, Any]] = [
        {"jku": "http://evil.test/jwks.json"},
        {"x5u": "http://evil.test/certificate.pem"},
        {"jwk": own},
        {"jwk": {**own, "kid": issuer.kid}},
        {"x5c": [encoded(b"certificate")]},
    ]
    for more in elsewhere:
        for kid in (issuer.kid, "mine"):
            header = json.dumps(issuer.header | more | {"kid": kid}).encode()
            forged = signed(STRANGER, header, json.dumps(issuer.claims() | {"iss": "http://issuer.test"}).encode())
            assert not await accepted(verifier, forged), more
        assert await accepted(verifier, issuer.signs(**more)), more
    assert issuer.asked == {f"{issuer.url}/.well-known/jwks.json", f"{issuer.url}/auth/revocations"}


async def test_a_token_says_of_which_type_it_is(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.11, as RFC 9068 §4 has it for access tokens."""
    for typ in ("at+jwt", "AT+JWT", "application/at+jwt"):
        assert await accepted(verifier, issuer.token(headers={"typ": typ})), typ
    others = [
        "JWT",
        "jwt",
        "",
        "id+jwt",
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "at",
        "at+jwt ",
        "x/at+jwt",
        None,
        7,
    ]
    for other in others:
        assert not await accepted(verifier, issuer.signs(typ=other)), other
    untyped = json.dumps({"alg": "RS256", "kid": issuer.kid}).encode()
    assert not await accepted(verifier, signed(issuer.private_key, untyped, json.dumps(issuer.claims()).encode()))


async def test_an_id_token_is_not_an_access_token(issuer: Issuer, verifier: TokenVerifier) -> None:
    """§3.12. Of the same issuer, under the same key, for the same person: not even if its audience were ours."""
    now = int(time.time())
    told = {"iss": issuer.url, "sub": "ada", "iat": now, "exp": now + 300, "nonce": "n", "auth_time": now}
    for aud in ("app", ["app", "strongroom"], "strongroom"):
        token = jwt.encode(told | {"aud": aud}, issuer.private_key, "RS256", headers={"kid": issuer.kid})
        assert jwt.get_unverified_header(token)["typ"] == "JWT"
        assert not await accepted(verifier, token), aud
    # Each rule holds by itself: with the type of an access token it is still for the app.
    disguised = jwt.encode(told | {"aud": "app"}, issuer.private_key, "RS256", headers=issuer.header)
    assert not await accepted(verifier, disguised)
