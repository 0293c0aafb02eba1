"""What is inside files: texts, pictures, tables."""

from uuid import UUID

from strongroom.client.connection import Connection, Query
from strongroom.client.file_models import File, RowsPage, Text, Thumbnail
from strongroom.client.links import file_id
from strongroom.client.rows import AsyncRows

AnyFile = File | UUID | str
_ROWS = 1000


def file_address(file: AnyFile) -> str:
    return f"/files/{file_id(file)}"


class AsyncContents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def text(self, file: AnyFile, *, version: int | None = None, page: int | None = None) -> Text:
        """Raises NotReadYet, UnreadableFile."""
        return await self._connection.ask(
            Text, "GET", f"{file_address(file)}/text", query={"version": version, "page": page}
        )

    async def thumbnail(
        self, file: AnyFile, *, width: int = 256, version: int | None = None, page: int = 1
    ) -> Thumbnail:
        """`width` in pixels; the next larger of those that are made. Raises NotReadYet, UnreadableFile."""
        query: Query = {"width": width, "version": version, "page": page}
        answer = await self._connection.tell("GET", f"{file_address(file)}/thumbnail", query=query)
        return Thumbnail(content=answer.content, content_type=answer.headers.get("content-type", ""))

    async def rows(
        self,
        file: AnyFile,
        *,
        where: str | None = None,
        columns: str | None = None,
        order_by: str | None = None,
        sheet: int = 1,
        version: int | None = None,
        page_size: int = _ROWS,
    ) -> AsyncRows:
        """Of a CSV file or a workbook's sheet, all that meet `where`.

        `where` is like `people > 130000 and not founded is null`, `columns` names with commas between, `order_by` the
        same with `-` for descending. Raises NotReadYet, UnreadableFile, Unprocessable for what is not understood.
        """
        selection: Query = {
            "where": where,
            "columns": columns,
            "order_by": order_by,
            "sheet": sheet,
            "version": version,
            "limit": page_size,
        }
        path = f"{file_address(file)}/rows"

        async def page(offset: int) -> RowsPage:
            return await self._connection.ask(RowsPage, "GET", path, query={**selection, "offset": offset})

        return AsyncRows(await page(0), page)
