"""Lets whoever has a link's token in: finds what it opens, asks for the password, counts the download."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from file_service.files.errors import FileNotFound
from file_service.files.history import History
from file_service.files.paths import filename
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.links import repository
from file_service.links.errors import DeadLink
from file_service.links.passwords import LinkPasswords
from file_service.links.repository import FolderContents, Link
from file_service.links.tokens import digest
from strongroom.database import Database


@dataclass(frozen=True, slots=True)
class SharedFile:
    link: Link
    file: File
    version: Version

    @property
    def name(self) -> str:
        return self.file.filename

    @property
    def size(self) -> int:
        return self.version.content.size

    @property
    def files(self) -> None:
        """It is not several."""


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """What is in it is what was in it just now."""

    link: Link
    folder: str
    contents: FolderContents

    @property
    def name(self) -> str:
        return f"{filename(self.folder)}.zip"

    @property
    def size(self) -> int:
        return self.contents.bytes

    @property
    def files(self) -> int:
        return self.contents.files


Shared = SharedFile | SharedFolder


@dataclass(frozen=True, slots=True)
class Visitor:
    """What somebody without an account shows of themselves."""

    password: str | None
    address: str


class Visits:
    def __init__(
        self,
        database: Database,
        history: History,
        passwords: LinkPasswords,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._history = history
        self._passwords = passwords
        self._clock = clock

    async def look(self, token: str) -> Shared:
        """What the link opens. Raises DeadLink, for whatever reason it does not work."""
        async with self._database.reading() as connection:
            link = await repository.living(connection, digest(token), self._clock())
        if link is None:
            raise DeadLink
        if link.folder is not None:
            return await self._folder(link, link.folder)
        return await self._file(link)

    async def admit(self, token: str, visitor: Visitor) -> Shared:
        """As `look`, for who knows the password. Raises DeadLink, PasswordNeeded, WrongPassword, PasswordThrottled."""
        shared = await self.look(token)
        link = shared.link
        if link.password_hash is not None:
            await self._passwords.check(link.id, link.password_hash, visitor.password, visitor.address)
        return shared

    async def take(self, link: Link) -> None:
        """Counts a download of a link that has a limit. Raises DeadLink if none was left."""
        if link.max_downloads is None:
            return
        async with self._database.begin() as tx:
            if not await repository.take(tx, link.id, self._clock()):
                raise DeadLink

    async def give_back(self, link: Link) -> None:
        """A download that was taken could not begin, through no fault of the visitor's."""
        if link.max_downloads is not None:
            async with self._database.begin() as tx:
                await repository.give_back(tx, link.id)

    async def _file(self, link: Link) -> SharedFile:
        assert link.file_id is not None
        try:
            file, version = await self._history.find(link.owner_id, link.file_id, None)
        except FileNotFound as error:
            raise DeadLink from error
        return SharedFile(link, file, version)

    async def _folder(self, link: Link, folder: str) -> SharedFolder:
        async with self._database.reading() as connection:
            contents = await repository.contents(connection, link.owner_id, folder)
        if contents.files == 0:
            raise DeadLink
        return SharedFolder(link, folder, contents)
