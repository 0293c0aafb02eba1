"""The app written with `requests-oauthlib`, as its manual says."""

import secrets
from typing import Any

import jwt
from client_app import PROGRAM_SCOPE, SCOPE, Answer, Registration
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error, WebApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session


class RequestsOAuthlibApp:
    """The library leaves discovery, introspection and ID tokens to others: here to plain requests, and to PyJWT."""

    refusal = OAuth2Error
    forgery = jwt.InvalidTokenError

    def __init__(self, issuer: str, registration: Registration) -> None:
        self._registration = registration
        self._client = WebApplicationClient(registration.client_id)
        self._session = OAuth2Session(
            client=self._client, scope=SCOPE.split(), redirect_uri=registration.redirect_uri, pkce="S256"
        )
        self._session.trust_env = False
        self._credentials = HTTPBasicAuth(registration.client_id, registration.client_secret)
        self.metadata = self._public(f"{issuer}/.well-known/oauth-authorization-server")
        self.nonce = ""

    def _public(self, address: str) -> Answer:
        answer = self._session.get(address, withhold_token=True)
        answer.raise_for_status()
        return dict(answer.json())

    def link(self) -> str:
        self.nonce = secrets.token_urlsafe()
        link, _ = self._session.authorization_url(self.metadata["authorization_endpoint"], nonce=self.nonce)
        return str(link)

    def redeem(self, back: str) -> Answer:
        return self._fetch(authorization_response=back)

    def redeem_code(self, code: str) -> Answer:
        return self._fetch(code=code)

    def _fetch(self, **found: str) -> Answer:
        return dict(self._session.fetch_token(self.metadata["token_endpoint"], auth=self._credentials, **found))

    def identity(self, id_token: str) -> Answer:
        keys = jwt.PyJWKSet.from_dict(self._public(self.metadata["jwks_uri"]))
        return jwt.decode(
            id_token,
            keys[jwt.get_unverified_header(id_token)["kid"]],
            algorithms=self.metadata["id_token_signing_alg_values_supported"],
            issuer=self.metadata["issuer"],
            audience=self._registration.client_id,
        )

    def refresh(self, refresh_token: str) -> Answer:
        endpoint = self.metadata["token_endpoint"]
        return dict(self._session.refresh_token(endpoint, refresh_token, auth=self._credentials))

    def program_token(self) -> Answer:
        client = BackendApplicationClient(self._registration.client_id, scope=PROGRAM_SCOPE.split())
        with OAuth2Session(client=client) as session:
            session.trust_env = False
            return dict(session.fetch_token(self.metadata["token_endpoint"], auth=self._credentials))

    def get(self, address: str) -> Answer:
        answer = self._session.get(address)
        answer.raise_for_status()
        return dict(answer.json())

    def revoke(self, token: str) -> None:
        endpoint, headers, body = self._client.prepare_token_revocation_request(
            self.metadata["revocation_endpoint"], token, "refresh_token"
        )
        self._post(endpoint, data=body, headers=headers).raise_for_status()

    def introspect(self, token: str) -> Answer:
        answer = self._post(self.metadata["introspection_endpoint"], data={"token": token})
        answer.raise_for_status()
        return dict(answer.json())

    def _post(self, address: str, **sent: Any) -> Any:
        return self._session.post(address, auth=self._credentials, withhold_token=True, **sent)

    def close(self) -> None:
        self._session.close()
