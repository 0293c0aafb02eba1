"""Reads out of a query which files a list is asked for, and in which order."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from file_service.files.errors import FolderAndPrefix, NothingToRank
from file_service.files.listing import RELEVANCE, Search
from file_service.files.paths import parse_folder

Sort = Literal[
    "name", "-name", "path", "-path", "size", "-size", "created_at", "-created_at", "updated_at", "-updated_at",
    "-relevance",
]  # fmt: skip
# No name, tag or type has NUL in it, and PostgreSQL takes none.
Text = Annotated[str, Query(max_length=1024, pattern=r"^[^\x00]*$")]
FolderQuery = Annotated[str | None, Query(max_length=1025, pattern=r"^[^\x00]*$")]
TagQuery = Annotated[list[Annotated[str, Query(pattern=r"^[^\x00]+$", max_length=100)]] | None, Query(max_length=10)]


async def asked(
    prefix: Text = "",
    folder: Annotated[FolderQuery, Query(description="Only what is directly in it; empty for the top")] = None,
    q: Annotated[Text, Query(description="Words of the name, of tags or of the content; or a part of the name")] = "",
    content_type: Annotated[Text, Query(description="Exact, or like `image/*`")] = "",
    tag: TagQuery = None,
    trashed: Annotated[bool, Query(description="What is in the trash instead, what went there last first")] = False,
    sort: Annotated[
        Sort | None, Query(description="Newest first; with `q` the best; in a folder by name; with a prefix by path")
    ] = None,
) -> Search:
    """With several of the conditions, files that meet all of them."""
    if sort == RELEVANCE and not q:
        raise NothingToRank
    if prefix and folder is not None:
        raise FolderAndPrefix
    usual = RELEVANCE if q else "name" if folder is not None else "path" if prefix else "-created_at"
    return Search(
        sort="-trashed_at" if trashed else sort or usual,
        prefix=prefix,
        folder=folder and parse_folder(folder),
        text=q,
        content_type=content_type,
        tags=tuple(tag or ()),
        trashed=trashed,
    )


Asked = Annotated[Search, Depends(asked)]
