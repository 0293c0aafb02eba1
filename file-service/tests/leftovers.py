"""Looks for what a refused or broken request may have left behind."""

import asyncio
from uuid import uuid4

from minio import Minio

from strongroom.database import Database


class Leftovers:
    """What is in the store and in the tables, whoever it belongs to."""

    def __init__(self, s3: Minio, bucket_name: str, database: Database) -> None:
        self.somebody = uuid4()
        self._s3 = s3
        self._bucket = bucket_name
        self._database = database

    def objects(self) -> set[str]:
        return {str(one.object_name) for one in self._s3.list_objects(bucket_name=self._bucket, recursive=True)}

    def sizes(self) -> list[int]:
        """Of all objects, in bytes."""
        return [int(one.size or 0) for one in self._s3.list_objects(bucket_name=self._bucket, recursive=True)]

    def unfinished_uploads(self) -> list[str]:
        return [upload.object_name for upload in self._s3._list_multipart_uploads(self._bucket).uploads]

    async def rows(self) -> set[str]:
        """The objects that a version of a file points at."""
        async with self._database.reading() as connection:
            return set((await connection.exec_driver_sql("select object_key from files.file_versions")).scalars())

    async def uploads(self) -> int:
        """Resumable ones that are not finished."""
        query = "select count(*) from files.resumable_uploads where finished_at is null"
        async with self._database.reading() as connection:
            return int((await connection.exec_driver_sql(query)).scalar_one())

    async def freed(self) -> set[str]:
        """What is in the store once every job is done that removes something."""
        await self._until_none_of("where entrypoint not like 'derive%%'")
        return self.objects()

    async def idle(self) -> None:
        """Returns once there is no job at all."""
        await self._until_none_of("")

    async def _until_none_of(self, which: str) -> None:
        """One whose worker lost its connection before it could say "done" is taken up again half a minute later."""
        async with asyncio.timeout(60):
            while await self._jobs(which):  # noqa: ASYNC110 - the table tells nobody
                await asyncio.sleep(0.01)

    async def _jobs(self, which: str) -> int:
        async with self._database.reading() as connection:
            query = f"select count(*) from files.pgqueuer {which}"
            return int((await connection.exec_driver_sql(query)).scalar_one())
