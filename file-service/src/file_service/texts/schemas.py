"""Texts on the wire."""

from pydantic import BaseModel, Field


class TextOut(BaseModel):
    title: str | None
    language: str | None = Field(description="ISO 639-1, where it is known or could be told")
    page_count: int | None = Field(description="Null where there are no pages")
    text: str = Field(description="Of the page asked for, or of all of them")
    truncated: bool = Field(description="There is more in the file than is kept")
