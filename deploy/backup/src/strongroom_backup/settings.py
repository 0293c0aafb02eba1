"""Where what is backed up lies: the same settings as the services'."""

import base64
import hmac

from pydantic import Field, SecretStr

from file_service.settings import StorageSettings
from strongroom.web.settings import DatabaseSettings

_PURPOSE = b"strongroom backup: which master key"


class BackupSettings(DatabaseSettings, StorageSettings):
    master_key: SecretStr | None = Field(default=None, description="To note, and to compare, which one it is")

    @property
    def master_key_mark(self) -> str | None:
        """Tells master keys apart, and tells nothing else of them: they are 32 random bytes."""
        if self.master_key is None:
            return None
        return hmac.digest(base64.b64decode(self.master_key.get_secret_value()), _PURPOSE, "sha256").hex()
