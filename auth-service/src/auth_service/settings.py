"""The settings of the auth service, read once by `app.py`."""

import base64
import binascii
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from strongroom.web.settings import DatabaseSettings, ServiceSettings, UpkeepPause

_MASTER_KEY_BYTES = 32


class AuthSettings(ServiceSettings, DatabaseSettings, UpkeepPause):
    master_key: SecretStr = Field(description="32 random bytes in base64; everything secret at rest is under it")
    admin_email: str | None = Field(default=None, description="The first administrator, made if there is none")
    admin_password: SecretStr | None = None
    bcrypt_rounds: int = Field(default=12, ge=4, le=16)
    access_token_seconds: int = Field(default=900, ge=30, le=86_400)
    previous_master_key: SecretStr | None = Field(default=None, description="Opens what is not re-encrypted yet")
    key_rotation_days: float = Field(default=30, gt=0, description="How long one key signs")
    key_reload_seconds: float = Field(
        default=30, gt=0, le=60, description="How soon a missed change of keys is noticed"
    )
    refresh_idle_days: float = Field(default=30, description="A session ends when it is not refreshed for so long")
    session_days: float = Field(default=180, description="A session ends after so long in any case")
    smtp_url: SecretStr | None = Field(default=None, description="smtps://user:password@host:465 or smtp://…:587")
    mail_dir: Path | None = Field(default=None, description="Where mails become .eml files instead")
    mail_from: str = Field(default="strongroom@localhost", description="The address that mails come from")
    files_url: str | None = Field(default=None, description="The file service; without it, purges of files wait")

    @field_validator("master_key", "previous_master_key")
    @classmethod
    def _of_right_length(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            length = len(base64.b64decode(value.get_secret_value(), validate=True))
        except binascii.Error as error:
            raise ValueError("must be base64") from error
        if length != _MASTER_KEY_BYTES:
            raise ValueError(f"must be {_MASTER_KEY_BYTES} bytes in base64")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _for_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("smtp://", "smtps://")):
            raise ValueError("must start with smtp:// or smtps://")
        return value

    @model_validator(mode="after")
    def _mails_can_go(self) -> Self:
        # Neither queueing mails for ever nor dropping them would be noticed before somebody is locked out.
        if (self.smtp_url is None) == (self.mail_dir is None):
            raise ValueError("exactly one of STRONGROOM_SMTP_URL and STRONGROOM_MAIL_DIR must be set")
        if self.smtp_url is not None and "mail_from" not in self.model_fields_set:
            raise ValueError("with STRONGROOM_SMTP_URL, STRONGROOM_MAIL_FROM must be set")
        return self
