"""The OAuth endpoints on the wire."""

from typing import Self

from pydantic import BaseModel, Field

from auth_service.oauth.service import Grant


class TokenRequest(BaseModel):
    """`application/x-www-form-urlencoded`, each parameter at most once. Which are needed depends on `grant_type`."""

    grant_type: str = Field(
        examples=["password"],
        description="`password`, `refresh_token`, `client_credentials`, `authorization_code`, `mfa` or `passkey`",
    )
    username: str | None = Field(default=None, description="`password`: the email address")
    password: str | None = Field(default=None, max_length=1024)
    refresh_token: str | None = Field(
        default=None, description="`refresh_token`: but `strongroom-console` has it in its cookie"
    )
    code: str | None = Field(
        default=None, description="`authorization_code`: the code; `mfa`: of the app, or a recovery code"
    )
    redirect_uri: str | None = None
    code_verifier: str | None = Field(default=None, description="`authorization_code`: RFC 7636 §4.1")
    mfa_token: str | None = Field(default=None, description="`mfa`: out of the answer `mfa_required`")
    passkey_token: str | None = Field(default=None, description="`passkey`: that came with the options")
    credential: str | None = Field(default=None, description="`mfa` or `passkey`: the WebAuthn answer, as JSON")
    scope: str | None = None


class TokenAnswer(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - RFC 6749 §7.1, not a secret
    expires_in: int
    refresh_token: str | None = None
    scope: str
    id_token: str | None = None

    @classmethod
    def of(cls, grant: Grant, *, with_refresh_token: bool) -> Self:
        return cls(
            access_token=grant.access_token,
            expires_in=grant.expires_in,
            refresh_token=grant.refresh_token if with_refresh_token else None,
            scope=grant.scope,
            id_token=grant.id_token,
        )


class TokenHint(BaseModel):
    """RFC 7009 §2.1 and RFC 7662 §2.1."""

    token: str
    token_type_hint: str | None = Field(default=None, description="`access_token` or `refresh_token`; both are tried")


class Introspection(BaseModel):
    """RFC 7662 §2.2. Of a token that is not good for anything, only that."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    username: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None
    sid: str | None = None


class UserInfo(BaseModel):
    """OpenID Connect Core §5.3."""

    sub: str
    name: str | None = None
    email: str | None = None
    email_verified: bool | None = None
