"""The app written with `authlib`, as its manual says."""

import secrets
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from client_app import PROGRAM_SCOPE, SCOPE, Answer, Registration
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


class AuthlibApp:
    refusal = AuthlibBaseError
    forgery = JoseError

    def __init__(self, issuer: str, registration: Registration) -> None:
        self._registration = registration
        self._session = self._open(SCOPE, redirect_uri=registration.redirect_uri, code_challenge_method="S256")
        self.metadata = self._session.get(get_well_known_url(issuer, external=True), withhold_token=True).json()
        AuthorizationServerMetadata(self.metadata).validate()
        OpenIDProviderMetadata(self.metadata).validate()
        self.nonce = self._state = self._verifier = ""

    def _open(self, scope: str, **options: str) -> Any:
        known = self._registration
        session = OAuth2Session(known.client_id, known.client_secret, scope=scope, **options)
        session.trust_env = False
        return session

    def link(self) -> str:
        self.nonce, self._verifier = secrets.token_urlsafe(), secrets.token_urlsafe(48)
        link, self._state = self._session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self._verifier, nonce=self.nonce
        )
        return str(link)

    def redeem(self, back: str) -> Answer:
        return self._fetch(authorization_response=back, state=self._state)

    def redeem_code(self, code: str) -> Answer:
        return self._fetch(code=code)

    def _fetch(self, **found: str) -> Answer:
        endpoint = self.metadata["token_endpoint"]
        return dict(self._session.fetch_token(endpoint, code_verifier=self._verifier, **found))

    def identity(self, id_token: str) -> Answer:
        keys = KeySet.import_key_set(self._session.get(self.metadata["jwks_uri"], withhold_token=True).json())
        token = jwt.decode(id_token, keys, algorithms=self.metadata["id_token_signing_alg_values_supported"])
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self.metadata["issuer"]},
                "aud": {"essential": True, "value": self._registration.client_id},
            },
            {"nonce": self.nonce, "client_id": self._registration.client_id},
        )
        claims.validate()
        return dict(claims)

    def refresh(self, refresh_token: str) -> Answer:
        return dict(self._session.refresh_token(self.metadata["token_endpoint"], refresh_token))

    def program_token(self) -> Answer:
        with self._open(PROGRAM_SCOPE) as session:
            return dict(session.fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials"))

    def get(self, address: str) -> Answer:
        answer = self._session.get(address)
        answer.raise_for_status()
        return dict(answer.json())

    def revoke(self, token: str) -> None:
        self._session.revoke_token(self.metadata["revocation_endpoint"], token).raise_for_status()

    def introspect(self, token: str) -> Answer:
        answer = self._session.introspect_token(self.metadata["introspection_endpoint"], token)
        answer.raise_for_status()
        return dict(answer.json())

    def close(self) -> None:
        self._session.close()
