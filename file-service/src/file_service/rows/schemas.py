"""Tables on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from file_service.files.schemas import FileOut


class ColumnOut(BaseModel):
    name: str
    type: Literal["string", "integer", "number", "boolean", "date", "datetime"]


class RowsOut(BaseModel):
    columns: list[ColumnOut]
    rows: list[list[Any]] = Field(description="Cells in the order of the columns; null for empty ones")
    row_count: int


class BrokenRowOut(BaseModel):
    line: int = Field(description="Where the row begins, counted from 1")
    reason: str
    text: str = Field(description="Its first 200 characters")


class TableOut(BaseModel):
    """How a CSV file begins."""

    file: FileOut
    columns: list[ColumnOut] = Field(description="Of a large file the types may turn out wider when all of it was read")
    row_count: int | None = Field(description="Null for a file over 4 MiB, which is counted afterwards")
    rows: list[list[Any]] = Field(description="The first 100")
    broken_row_count: int = Field(description="Of what was read so far")
    broken_rows: list[BrokenRowOut] = Field(description="The first 100")
    encoding: str
    delimiter: str
    validation: dict[str, Any] | None = Field(
        default=None, description="By the Table Schema that was given; later where `row_count` is null"
    )
