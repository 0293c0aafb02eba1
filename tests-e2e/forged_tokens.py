"""Access tokens that a careless verifier would take, made with keys of somebody who has not the issuer's."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from genuine_token import Genuine
from jwt.algorithms import RSAAlgorithm
from signed_by_hand import authenticated, encoded, signed

from strongroom.testing import TestIssuer

Forgeries = dict[str, str]

_ELSEWHERE = "http://127.0.0.1:9/keys"  # where nobody listens: whoever went there would not answer 401


def forgeries(genuine: Genuine) -> Forgeries:
    """By what is wrong with each."""
    return {
        **_unprotected(genuine),
        **_of_confused_algorithms(genuine),
        **_that_bring_their_key(genuine),
        **_of_strange_keys(genuine),
        **_of_other_forms(genuine),
    }


def _unprotected(genuine: Genuine) -> Forgeries:
    found: Forgeries = {}
    for none in ("none", "None", "NONE", "nOnE", ""):
        body = f"{encoded({**genuine.header, 'alg': none})}.{encoded(genuine.claims)}"
        found |= {f"alg {none!r}": f"{body}.", f"alg {none!r}, signed": f"{body}.{genuine.token.rpartition('.')[2]}"}
    body = f"{encoded({'typ': 'at+jwt'})}.{encoded(genuine.claims)}"
    return {**found, "no alg": f"{body}.", "no alg, signed": f"{body}.{genuine.token.rpartition('.')[2]}"}


def _of_confused_algorithms(genuine: Genuine) -> Forgeries:
    """The public key is everybody's: no HMAC must take it for a secret."""
    key = genuine.public_key
    secrets = {
        "PEM": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "PEM without its end": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).rstrip(b"\n"),
        "DER": key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "PKCS 1": key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        "JWK": json.dumps(genuine.jwk).encode(),
        "modulus": genuine.jwk["n"].encode(),
        "bytes of the modulus": base64.urlsafe_b64decode(genuine.jwk["n"] + "=="),
        "nothing": b"",
    }
    hs256 = {**genuine.header, "alg": "HS256"}
    found = {f"HS256 with {name}": authenticated(secret, hs256, genuine.claims) for name, secret in secrets.items()}
    found["HMAC under RS256"] = authenticated(secrets["PEM"], genuine.header, genuine.claims)
    for name in ("HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "RS256 ", ["RS256"]):
        found[f"alg {name}"] = genuine.by_a_stranger(alg=name)
    return found


def _that_bring_their_key(genuine: Genuine) -> Forgeries:
    own = RSAAlgorithm.to_jwk(genuine.stranger.public_key(), as_dict=True)
    named = {**own, "kid": genuine.header["kid"], "use": "sig", "alg": "RS256"}
    inline = base64.b64encode(genuine.stranger.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()
    brought: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": named},
        "jwk without a kid": {"jwk": own, "kid": None},
        "jku": {"jku": _ELSEWHERE},
        "jku with our name in it": {"jku": f"{genuine.claims['iss']}@127.0.0.1:9/.well-known/jwks.json"},
        "x5u": {"x5u": _ELSEWHERE},
        "x5c": {"x5c": [inline]},
        "x5t": {"x5t": encoded(b"thumb"), "x5t#S256": encoded(b"thumb")},
    }
    return {f"brings {name}": genuine.by_a_stranger(**header) for name, header in brought.items()}


def _of_strange_keys(genuine: Genuine) -> Forgeries:
    names: dict[str, Any] = {
        "unknown": "unknown",
        "empty": "",
        "a path": "../../../../../../dev/null",
        "a path in code": "..%2f..%2fdev%2fnull",
        "a file": "file:///dev/null",
        "an address": _ELSEWHERE,
        "SQL": "' or 1=1 --",
        "SQL that makes a key": "x' union select 'secret",
        "a command": "$(id)|id;`id`",
        "a template": "{{7*7}}${7*7}",
        "a line": "a\r\nX: y",
        "NUL": f"{genuine.header['kid']}\0",
        "with a space": f"{genuine.header['kid']} ",
        "in another case": genuine.header["kid"].swapcase(),
        "long": "k" * 4000,
        "a number": 0,
        "none": None,
        "a list": [genuine.header["kid"]],
        "an object": {"$ne": ""},
        "true": True,
    }
    found = {f"kid {name}": genuine.by_a_stranger(kid=kid) for name, kid in names.items()}
    for name in ("a path", "unknown", "empty"):  # whoever finds nothing must not verify with nothing
        header = {**genuine.header, "alg": "HS256", "kid": names[name]}
        found[f"kid {name}, HS256 with nothing"] = authenticated(b"", header, genuine.claims)
    return found


def _of_other_forms(genuine: Genuine) -> Forgeries:
    """JWE, the JSON forms of JWS, a token within a token, and the token of another issuer that says it is ours."""
    head, body, signature = genuine.token.split(".")
    jwe = encoded({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": genuine.header["kid"], "typ": "at+jwt"})
    direct = encoded({"alg": "dir", "enc": "A256GCM", "kid": genuine.header["kid"], "typ": "at+jwt"})
    flat = {"protected": head, "payload": body, "signature": signature}
    other = TestIssuer(genuine.claims["iss"])
    return {
        "JWE": f"{jwe}.{encoded(b'k' * 256)}.{encoded(b'i' * 12)}.{body}.{encoded(b't' * 16)}",
        "JWE without a key": f"{direct}..{encoded(b'i' * 12)}.{body}.{encoded(b't' * 16)}",
        "JSON": json.dumps(flat),
        "nested": signed(genuine.stranger, {**genuine.header, "cty": "JWT"}, genuine.token.encode()),
        "detached": f"{encoded({**genuine.header, 'b64': False, 'crit': ['b64']})}..{signature}",
        "of another stack": other.token(genuine.claims["sub"]),
        "of another stack, by our kid": other.token(genuine.claims["sub"], headers={"kid": genuine.header["kid"]}),
        "crit": genuine.by_a_stranger(crit=["exp"]),
        "nothing else wrong": genuine.by_a_stranger(),
    }
