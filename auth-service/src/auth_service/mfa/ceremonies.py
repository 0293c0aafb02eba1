"""Passkeys' challenges and answers, as WebAuthn has them; pure computations on what the browser sent."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_cbor,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from auth_service.mfa.errors import InvalidPasskey, SecondFactorFailed
from auth_service.mfa.passkey_repository import Passkey
from auth_service.mfa.relying_party import relying_party
from strongroom.errors import AppError

_TIMEOUT = 300_000  # milliseconds: as long as a challenge is good
_LONGEST_ID = 1023  # bytes, WebAuthn §7.1 step 25
# None is what we ask for; an authenticator may still sign with the new key itself, which is called packed.
_ATTESTATIONS = {AttestationFormat.NONE, AttestationFormat.PACKED}


@dataclass(frozen=True, slots=True)
class NewCredential:
    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a passkey says of itself; nothing of it is proved yet."""

    credential: AuthenticationCredential

    @property
    def credential_id(self) -> bytes:
        return self.credential.raw_id

    @property
    def user_handle(self) -> bytes | None:
        """Whose it is: the id that the account was given when the passkey was made."""
        return self.credential.response.user_handle


class Ceremonies:
    """Every passkey is discoverable and verifies its user, so that each may be the only factor."""

    def __init__(self, public_url: str) -> None:
        self._rp_id, self._origins = relying_party(public_url)

    def creation_options(
        self, challenge: bytes, account_id: UUID, email: str, known: Iterable[Passkey]
    ) -> dict[str, Any]:
        """For `navigator.credentials.create`: a discoverable credential that verifies its user."""
        options = webauthn.generate_registration_options(
            rp_id=self._rp_id,
            rp_name="Strongroom",
            user_id=account_id.bytes,
            user_name=email,
            challenge=challenge,
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        )
        return options_to_json_dict(options)

    def created(self, credential: dict[str, Any], challenge: bytes) -> NewCredential:
        """WebAuthn §7.1. Raises InvalidPasskey."""
        with _hostile_input(InvalidPasskey):
            parsed = parse_registration_credential_json(credential)
            _require_bytes(parsed.response.attestation_object)
            if parse_attestation_object(parsed.response.attestation_object).fmt not in _ATTESTATIONS:
                raise InvalidPasskey
            _require_not_framed(parsed.response.client_data_json)
            verified = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                require_user_verification=True,
            )
            # A key that could not be used is better refused now than at every sign-in.
            decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
            if verified.credential_id != parsed.raw_id or len(parsed.raw_id) > _LONGEST_ID:
                raise InvalidPasskey
        return NewCredential(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def request_options(self, challenge: bytes, allowed: Iterable[Passkey] = ()) -> dict[str, Any]:
        """For `navigator.credentials.get`. With none named, any passkey of this site may answer."""
        options = webauthn.generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=_TIMEOUT,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in allowed],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def answer(self, credential: dict[str, Any]) -> Answer:
        """Raises SecondFactorFailed."""
        with _hostile_input(SecondFactorFailed):
            return Answer(parse_authentication_credential_json(credential))

    def verified(self, answer: Answer, challenge: bytes, passkey: Passkey) -> int:
        """WebAuthn §7.2: the new counter, for the caller to judge. Raises SecondFactorFailed."""
        with _hostile_input(SecondFactorFailed):
            _require_not_framed(answer.credential.response.client_data_json)
            verified = webauthn.verify_authentication_response(
                credential=answer.credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origins,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,  # judged in the transaction that stores it, against the row
                require_user_verification=True,
            )
        return verified.new_sign_count


@contextmanager
def _hostile_input(refusal: type[AppError]) -> Iterator[None]:
    """The library takes the form of much that it parses for granted, so what is malformed surfaces as any of these."""
    try:
        yield
    except (
        WebAuthnException,
        InvalidSignature,
        UnsupportedAlgorithm,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise refusal from error


def _require_bytes(attestation_object: bytes) -> None:
    """The library would make a number into as many bytes, gigabytes of them. Raises InvalidPasskey."""
    attestation = parse_cbor(attestation_object)
    if not isinstance(attestation, dict) or not isinstance(attestation.get("authData"), bytes):
        raise InvalidPasskey


def _require_not_framed(client_data: bytes) -> None:
    """No other site may hold our ceremonies inside its own page (WebAuthn §7.1 step 10, §7.2 step 13)."""
    if parse_client_data_json(client_data).cross_origin:
        raise ValueError("The ceremony ran inside another site's page")
