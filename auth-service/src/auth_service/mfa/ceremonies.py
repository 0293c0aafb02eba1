"""Passkeys' challenges and answers, as WebAuthn has them; pure computations on what the browser sent."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from auth_service.mfa.errors import InvalidPasskey, SecondFactorFailed
from auth_service.mfa.passkey_repository import Passkey


@dataclass(frozen=True, slots=True)
class NewCredential:
    credential_id: bytes
    public_key: bytes
    sign_count: int


class Ceremonies:
    """`public_url` decides the relying party: its host is the RP id, its scheme, host and port the origin."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._rp_id = parts.hostname or ""
        self._origin = f"{parts.scheme}://{parts.netloc}"

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
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        )
        return dict(json.loads(webauthn.options_to_json(options)))

    def created(self, credential: dict[str, Any], challenge: bytes) -> NewCredential:
        """Raises InvalidPasskey."""
        try:
            verified = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise InvalidPasskey from error
        return NewCredential(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def request_options(self, challenge: bytes, allowed: Iterable[Passkey] = ()) -> dict[str, Any]:
        """For `navigator.credentials.get`. With none named, any passkey of this site may answer."""
        options = webauthn.generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in allowed],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(json.loads(webauthn.options_to_json(options)))

    def credential_id(self, credential: dict[str, Any]) -> bytes:
        """Raises SecondFactorFailed."""
        try:
            return base64url_to_bytes(str(credential["id"]))
        except (KeyError, ValueError) as error:
            raise SecondFactorFailed from error

    def answered(self, credential: dict[str, Any], challenge: bytes, passkey: Passkey) -> int:
        """The new counter, for the caller to judge. Raises SecondFactorFailed."""
        try:
            verified = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,  # judged in the transaction that stores it, against the row
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise SecondFactorFailed from error
        return verified.new_sign_count
