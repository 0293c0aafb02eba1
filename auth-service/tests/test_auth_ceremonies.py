"""Whatever is sent as a passkey's answer, it is judged and never breaks anything."""

import copy
import os
from typing import Any
from uuid import uuid4

import cbor2
import pytest
from authenticator import Authenticator, Oddities, decode, eddsa, encode, es256
from hypothesis import given, settings
from hypothesis import strategies as st

from auth_service.mfa.ceremonies import Ceremonies
from auth_service.mfa.errors import InvalidPasskey, SecondFactorFailed
from auth_service.mfa.passkey_repository import Passkey
from auth_service.mfa.relying_party import relying_party

CEREMONIES = Ceremonies("http://strongroom.test")
CHALLENGE = os.urandom(32)
MAKING = CEREMONIES.creation_options(CHALLENGE, uuid4(), "ada@example.com", ())
USING = CEREMONIES.request_options(CHALLENGE)
AUTHENTICATOR = Authenticator(es256())

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary().map(encode),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def stored(authenticator: Authenticator) -> Passkey:
    made = CEREMONIES.created(authenticator.create(MAKING), CHALLENGE)
    moment: Any = None
    return Passkey(uuid4(), uuid4(), made.credential_id, made.public_key, made.sign_count, "x", moment, None)


PASSKEY = stored(AUTHENTICATOR)


@st.composite
def damaged(draw: st.DrawFn, credential: dict[str, Any]) -> dict[str, Any]:
    """Like the one given, but for one member gone or changed: entirely, or in one byte."""
    result = copy.deepcopy(credential)
    place = draw(st.sampled_from([result, result["response"]]))
    name = draw(st.sampled_from([name for name in place if name != "clientExtensionResults"]))
    way = draw(st.sampled_from(["gone", "other", "bytes"]))
    if way == "gone":
        del place[name]
    elif way == "other" or not isinstance(place[name], str):
        place[name] = draw(values)
    else:
        data = bytearray(decode(encode(b"") if name == "type" else place[name]) or b"\0")
        data[draw(st.integers(0, len(data) - 1))] ^= draw(st.integers(1, 255))
        place[name] = encode(bytes(data))
    return result


@settings(max_examples=500)
@given(damaged(AUTHENTICATOR.create(MAKING)))
def test_a_damaged_new_credential_is_refused_or_harmless(credential: dict[str, Any]) -> None:
    try:
        made = CEREMONIES.created(credential, CHALLENGE)
    except InvalidPasskey:
        return
    # Without attestation nothing vouches for the key and the id but the person who adds them.
    assert made.credential_id == decode(credential["rawId"])


@pytest.mark.parametrize("data", [2**40, 2**63, -1, "text", None, [1], {}])
def test_what_is_no_bytes_is_not_made_into_some(data: object) -> None:
    credential = AUTHENTICATOR.create(MAKING)
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
    credential["response"]["attestationObject"] = encode(attestation)
    with pytest.raises(InvalidPasskey):
        CEREMONIES.created(credential, CHALLENGE)


@settings(max_examples=500)
@given(damaged(AUTHENTICATOR.get(USING)))
def test_a_damaged_answer_is_refused(credential: dict[str, Any]) -> None:
    answer = None
    try:
        answer = CEREMONIES.answer(credential)
        CEREMONIES.verified(answer, CHALLENGE, PASSKEY)
    except SecondFactorFailed:
        return
    # What is not signed: whose it says it is, which is compared with what is stored, and which key was asked for it.
    assert answer is not None
    genuine = AUTHENTICATOR.get(USING)
    assert credential["response"]["clientDataJSON"] == genuine["response"]["clientDataJSON"]
    assert answer.user_handle != AUTHENTICATOR.user_handle or credential["type"] == "public-key"


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "x"]), values))
def test_what_is_no_credential_at_all_is_refused(credential: dict[str, Any]) -> None:
    with pytest.raises(InvalidPasskey):
        CEREMONIES.created(credential, CHALLENGE)
    with pytest.raises(SecondFactorFailed):
        CEREMONIES.answer(credential)


def test_the_counter_is_told_as_the_authenticator_has_it() -> None:
    authenticator = Authenticator(eddsa(), count=41)
    passkey = stored(authenticator)
    assert passkey.sign_count == 42
    answer = CEREMONIES.answer(authenticator.get(USING))
    assert CEREMONIES.verified(answer, CHALLENGE, passkey) == 43


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origins"),
    [
        ("https://files.example.com", "files.example.com", ["https://files.example.com"]),
        ("https://Files.Example.com:443/base", "files.example.com", ["https://files.example.com"]),
        ("https://files.example.com:8443", "files.example.com", ["https://files.example.com:8443"]),
        ("http://localhost:80", "localhost", ["http://localhost"]),
        ("http://127.0.0.1:8080", "localhost", ["http://127.0.0.1:8080", "http://localhost:8080"]),
        ("http://[::1]:8080", "localhost", ["http://[::1]:8080", "http://localhost:8080"]),
    ],
)
def test_the_relying_party_is_the_public_address(public_url: str, rp_id: str, origins: list[str]) -> None:
    assert relying_party(public_url) == (rp_id, origins)


def test_on_loopback_a_browser_at_localhost_is_at_home() -> None:
    ceremonies = Ceremonies("http://127.0.0.1:8080")
    options = ceremonies.creation_options(CHALLENGE, uuid4(), "ada@example.com", ())
    assert options["rp"]["id"] == "localhost"
    made = Authenticator().create(options, Oddities(origin="http://localhost:8080"))
    assert ceremonies.created(made, CHALLENGE).sign_count == 1
    with pytest.raises(InvalidPasskey):
        ceremonies.created(Authenticator().create(options, Oddities(origin="http://localhost:9090")), CHALLENGE)
