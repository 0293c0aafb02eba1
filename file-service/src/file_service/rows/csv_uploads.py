"""Takes CSV files in, and tells at once how they begin."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from pydantic_core import from_json

from file_service.access import Account
from file_service.derivations.errors import UnreadableFile
from file_service.derivations.kinds import parsers
from file_service.files.paths import filename
from file_service.files.recording import Arrival
from file_service.files.schemas import FileOut, scalars
from file_service.parsers.contract import Facts
from file_service.rows.errors import InvalidSchema
from file_service.rows.heads import Heads
from file_service.rows.schemas import TableOut
from file_service.uploads.form import MultipartForm
from file_service.uploads.service import Uploads

# What browsers and tools call a CSV file that know no better.
_VAGUE = {"application/octet-stream", "application/vnd.ms-excel", "application/csv", "application/x-csv"}


class CsvUploads:
    def __init__(self, uploads: Uploads, heads: Heads) -> None:
        self._uploads = uploads
        self._heads = heads

    async def take(self, account: Account, form: MultipartForm, declared: int | None) -> TableOut:
        """Raises what `Uploads.one` does, InvalidSchema, and what `Heads.of` does; then nothing is stored."""
        head: Facts = {}

        async def look(arrival: Arrival, fields: Mapping[str, str]) -> Arrival:
            options = _options(fields)
            _require_text(arrival.content.content_type)
            head.update(await self._heads.of(account.id, arrival.content, filename(arrival.path), options))
            return replace(arrival, options=_asked(arrival, options))

        file = await self._uploads.one(account, form, declared, look=look, fields=("schema",))
        return TableOut.model_validate({**head, "file": FileOut.of(file)})


def _require_text(content_type: str) -> None:
    """What is certainly something else may well look like text in some encoding. Raises UnreadableFile."""
    kind = content_type.partition(";")[0].lower()
    if not kind.startswith("text/") and kind not in _VAGUE:
        raise UnreadableFile("broken", f"The file is no CSV, but {kind}")


def _options(fields: Mapping[str, str]) -> dict[str, Any]:
    if "schema" not in fields:
        return {}
    try:
        schema = from_json(fields["schema"], allow_inf_nan=False)
    except ValueError as error:
        raise InvalidSchema("The schema is not JSON") from error
    if not isinstance(schema, dict) or not all(map(_is_storable, scalars(schema))):
        raise InvalidSchema
    return {"schema": schema}


def _is_storable(value: object) -> bool:
    """PostgreSQL keeps no NUL, and JSON no infinity, which 1e400 is read as."""
    return isfinite(value) if isinstance(value, float) else not (isinstance(value, str) and "\0" in value)


def _asked(arrival: Arrival, options: dict[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """It is a table whatever its name and type say."""
    usual = parsers(arrival.content.content_type, filename(arrival.path))
    return {"csv": options} | ({} if "document" in usual else {"document": {}})
