"""Changes to one's own account on the wire."""

from pydantic import BaseModel, Field, SecretStr

from auth_service.accounts.schemas import Name, NewPassword


class ProfileChange(BaseModel):
    """What is left out stays as it is."""

    name: Name | None = None
    email: str | None = Field(default=None, max_length=320, description="Counts once the link sent there is followed")
    current_password: SecretStr | None = Field(default=None, max_length=1024, description="Needed to change the email")


class PasswordChange(BaseModel):
    current_password: SecretStr = Field(max_length=1024)
    new_password: NewPassword
