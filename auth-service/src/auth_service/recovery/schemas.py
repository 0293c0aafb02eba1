"""What is sent to follow a link, and to get one."""

from pydantic import BaseModel, Field

from auth_service.accounts.schemas import NewPassword

_TOKEN = Field(max_length=200, description="From the link in the mail")


class Forgotten(BaseModel):
    email: str = Field(max_length=320)


class Resend(BaseModel):
    email: str | None = Field(default=None, max_length=320, description="Without it, that of the signed-in person")


class Accepted(BaseModel):
    """The same whether or not there is such an account."""

    detail: str = "If there is an account with this address, a mail is on its way."


class EmailProof(BaseModel):
    token: str = _TOKEN


class ProvedEmail(BaseModel):
    email: str
    email_verified: bool = True


class NewPasswordChoice(BaseModel):
    token: str = _TOKEN
    new_password: NewPassword
