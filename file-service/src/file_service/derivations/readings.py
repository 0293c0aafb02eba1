"""Finds what was derived from an object, or says why it is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from file_service.derivations import repository
from file_service.derivations.errors import NotDerivable, NotDerivedYet, UnreadableFile
from file_service.derivations.repository import Derivation, DerivedObject, Total
from file_service.parsers.contract import Facts
from strongroom.database import Database


@dataclass(frozen=True, slots=True)
class Reading:
    """What some parser made of an object."""

    derivation: Derivation
    facts: Facts
    objects: Sequence[DerivedObject]

    def object(self, name: str) -> DerivedObject:
        """Raises NotDerivable."""
        for one in self.objects:
            if one.name == name:
                return one
        raise NotDerivable


class Readings:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, object_key: str) -> Sequence[Derivation]:
        async with self._database.reading() as connection:
            return await repository.of(connection, object_key)

    async def done(self, object_key: str, parsers: Sequence[str]) -> Reading:
        """By the first of the parsers that was asked. Raises NotDerivable, NotDerivedYet, UnreadableFile."""
        async with self._database.reading() as connection:
            found = {one.parser: one for one in await repository.of(connection, object_key)}
            one = next((found[name] for name in parsers if name in found), None)
            if one is None:
                raise NotDerivable
            if one.state == "failed":
                raise UnreadableFile(one.reason or "", one.detail or "")
            if one.facts is None:
                raise NotDerivedYet
            objects = await repository.objects_of(connection, object_key)
        return Reading(one, one.facts, objects)

    async def total(self, owner_id: UUID) -> Total:
        async with self._database.reading() as connection:
            return await repository.total(connection, owner_id)
