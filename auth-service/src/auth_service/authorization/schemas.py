"""The forms of the sign-in and consent pages."""

from typing import Literal

from pydantic import BaseModel, Field

LONGEST_REQUEST = 8000


class PageForm(BaseModel):
    """`request` is the query string that the app sent the person here with; it is checked again every time."""

    request: str = Field(max_length=LONGEST_REQUEST)
    csrf: str = Field(max_length=200)
    step: Literal["sign-in", "second-factor", "allow", "deny", "sign-out"]
    username: str = Field(default="", max_length=320)
    password: str = Field(default="", max_length=1024)
    mfa_token: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=100)
