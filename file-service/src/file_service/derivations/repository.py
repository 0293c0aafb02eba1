"""SQL on derivations, and on the objects derived."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, RowMapping, delete, func, insert, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import derivations, derived_objects, derived_usage
from file_service.parsers.contract import Facts

_this = derivations.c
_whose = (_this.object_key == derived_objects.c.source_key) & (_this.parser == derived_objects.c.parser)


@dataclass(frozen=True, slots=True)
class Derivation:
    """What one parser makes of one object. It is `waiting` until it is `done` or `failed`.

    `options` are what the parser was told, `facts` what it found out; what failed has a `reason` and a `detail`.
    """

    object_key: str
    parser: str
    owner_id: UUID
    filename: str
    content_type: str
    size: int
    options: Mapping[str, Any]
    state: str
    reason: str | None
    detail: str | None
    facts: Facts | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DerivedObject:
    """`size` is in bytes."""

    name: str
    object_key: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Total:
    bytes: int
    objects: int


def _derivation(row: RowMapping) -> Derivation:
    return Derivation(**{name: row[name] for name in Derivation.__dataclass_fields__})


async def add(tx: AsyncConnection, wanted: Sequence[Derivation], now: datetime) -> Sequence[tuple[str, str]]:
    """Those that are not there yet: their objects and parsers."""
    rows = [{**{name: getattr(one, name) for name in one.__dataclass_fields__}, "created_at": now} for one in wanted]
    statement = upsert(derivations).values(rows).on_conflict_do_nothing().returning(_this.object_key, _this.parser)
    return [(row.object_key, row.parser) for row in await tx.execute(statement)]


async def find(tx: AsyncConnection, object_key: str, parser: str, *, lock: bool = False) -> Derivation | None:
    query = select(derivations).where(_this.object_key == object_key, _this.parser == parser)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return _derivation(row) if row else None


async def of(tx: AsyncConnection, object_key: str) -> Sequence[Derivation]:
    query = select(derivations).where(_this.object_key == object_key).order_by(_this.parser)
    return [_derivation(row) for row in (await tx.execute(query)).mappings()]


async def objects_of(tx: AsyncConnection, object_key: str) -> Sequence[DerivedObject]:
    query = select(derived_objects).where(derived_objects.c.source_key == object_key)
    return [
        DerivedObject(row["name"], row["object_key"], row["content_type"], row["size"])
        for row in (await tx.execute(query)).mappings()
    ]


async def finish(
    tx: AsyncConnection, one: Derivation, facts: Facts, objects: Sequence[DerivedObject], now: datetime
) -> None:
    """It is to be locked."""
    await _end(tx, one, now, state="done", facts=facts)
    if objects:
        rows = [
            {
                "source_key": one.object_key,
                "parser": one.parser,
                "name": each.name,
                "object_key": each.object_key,
                "content_type": each.content_type,
                "size": each.size,
            }
            for each in objects
        ]
        await tx.execute(insert(derived_objects), rows)
        await _add(tx, one.owner_id, Total(sum(each.size for each in objects), len(objects)))


async def fail(tx: AsyncConnection, one: Derivation, reason: str, detail: str, now: datetime) -> bool:
    """False where it is over by now, or gone."""
    return await _end(tx, one, now, state="failed", reason=reason, detail=detail)


async def _end(tx: AsyncConnection, one: Derivation, now: datetime, **values: object) -> bool:
    which = (_this.object_key == one.object_key, _this.parser == one.parser, _this.state == "waiting")
    return (await tx.execute(update(derivations).where(*which).values(finished_at=now, **values))).rowcount > 0


async def restart(tx: AsyncConnection, one: Derivation) -> None:
    """It waits again, and has no objects. It is to be locked. The objects that it had are left to the sweep."""
    its = (derived_objects.c.source_key == one.object_key, derived_objects.c.parser == one.parser)
    sizes = (await tx.execute(delete(derived_objects).where(*its).returning(derived_objects.c.size))).scalars().all()
    await _take(tx, one.owner_id, Total(sum(sizes), len(sizes)))
    which = (_this.object_key == one.object_key, _this.parser == one.parser)
    nothing = {"facts": null(), "reason": None, "detail": None, "finished_at": None}
    await tx.execute(update(derivations).where(*which).values(state="waiting", **nothing))


async def forget(tx: AsyncConnection, object_keys: Collection[str]) -> Sequence[str]:
    """What was derived from those objects. The keys of the derived ones, which nothing points at any more."""
    # Locked first: whoever is about to finish one adds objects that would be overlooked.
    doomed = select(_this.object_key).where(among(_this.object_key, object_keys))
    if not (await tx.execute(doomed.with_for_update())).all():
        return []
    of_them = among(derived_objects.c.source_key, object_keys)
    sums = (func.sum(derived_objects.c.size).cast(BigInteger).label("bytes"), func.count().label("objects"))
    totals = select(_this.owner_id, *sums).join(derived_objects, _whose).where(of_them).group_by(_this.owner_id)
    for owner, size, count in sorted(await tx.execute(totals)):  # in one order, so that no two wait for each other
        await _take(tx, owner, Total(size, count))
    gone = delete(derived_objects).where(of_them).returning(derived_objects.c.object_key)
    keys = (await tx.execute(gone)).scalars().all()
    await tx.execute(delete(derivations).where(among(_this.object_key, object_keys)))
    return keys


async def total(tx: AsyncConnection, owner_id: UUID) -> Total:
    """Of all that is derived from an owner's objects."""
    query = select(derived_usage.c.bytes, derived_usage.c.objects).where(derived_usage.c.owner_id == owner_id)
    row = (await tx.execute(query)).one_or_none()
    return Total(row.bytes, row.objects) if row else Total(0, 0)


async def referred(tx: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are of derived objects."""
    query = select(derived_objects.c.object_key).where(among(derived_objects.c.object_key, keys))
    return set((await tx.execute(query)).scalars())


async def _add(tx: AsyncConnection, owner_id: UUID, more: Total) -> None:
    """The derivations are to be locked, so that each is counted once."""
    sums = {"bytes": derived_usage.c.bytes + more.bytes, "objects": derived_usage.c.objects + more.objects}
    new = upsert(derived_usage).values(owner_id=owner_id, **asdict(more))
    await tx.execute(new.on_conflict_do_update(index_elements=["owner_id"], set_=sums))


async def _take(tx: AsyncConnection, owner_id: UUID, less: Total) -> None:
    """As `_add`. Not below zero: a worker of the release before, which counted nothing, may have made what goes."""
    sums = {"bytes": derived_usage.c.bytes - less.bytes, "objects": derived_usage.c.objects - less.objects}
    rest = {name: func.greatest(0, left) for name, left in sums.items()}
    await tx.execute(update(derived_usage).where(derived_usage.c.owner_id == owner_id).values(rest))
