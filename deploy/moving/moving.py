"""`python deploy/moving supabase` or `… pocketbase pb_data` brings people and their files into a Strongroom.

It can be run again and goes on where it was. `ids.csv` tells who is who afterwards.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx2
from ledger import Ledger
from people import Person
from pocketbase_source import PocketBase
from supabase_source import Supabase
from target import NotOurs, Strongroom


def main() -> None:
    parser = argparse.ArgumentParser(prog="moving", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path(), help="the folder of ids.csv and of what it remembers")
    parser.add_argument("--invite", action="store_true", help="mail a link to those whose password cannot be moved")
    sources = parser.add_subparsers(dest="source", required=True)
    sources.add_parser("supabase", help="SUPABASE_DATABASE_URL, SUPABASE_URL and SUPABASE_SERVICE_KEY say where")
    pocketbase = sources.add_parser("pocketbase", help="a copy of its data folder")
    pocketbase.add_argument("folder", type=Path)
    pocketbase.add_argument("--people", default="users", help="the collection that they are in")
    pocketbase.add_argument(
        "--owned", action="append", default=[], metavar="COLLECTION=FIELD", help="whose files a person has, by FIELD"
    )
    sys.exit(asyncio.run(_move(parser.parse_args())))


async def _move(arguments: argparse.Namespace) -> int:
    """The exit code: 1 if somebody was left where they are."""
    url = os.environ["STRONGROOM_URL"].rstrip("/")
    ledger = Ledger(arguments.state, url)
    moved = left = earlier = 0
    async with (
        Strongroom(url, ledger.password, os.environ.get("STRONGROOM_DATABASE_URL")) as target,
        _source(arguments) as source,
    ):
        async for person in source.people():
            if ledger.has(person.old_id):
                earlier += 1
            elif await _moved(person, target, ledger, invite=arguments.invite):
                moved += 1
            else:
                left += 1
    print(f"{url}: {moved} moved, {earlier} moved earlier, {left} left where they are", file=sys.stderr)
    return min(left, 1)


async def _moved(person: Person, target: Strongroom, ledger: Ledger, *, invite: bool) -> bool:
    if not ledger.is_first(person.old_id, person.email):
        print(f"{person.email}: somebody else has that address too ({person.old_id} is left alone)", file=sys.stderr)
        return False
    try:
        moved = await target.move(person)
        if invite and not moved.keeps_password:
            await target.invite(person.email)
    except NotOurs:
        print(f"{person.email}: has an account already, which is left alone", file=sys.stderr)
        return False
    except httpx2.HTTPStatusError as error:  # as of a path that Strongroom does not take: others can still be moved
        asked = error.request
        print(f"{person.email}: {asked.method} {asked.url} answers {error.response.status_code}", file=sys.stderr)
        return False
    ledger.note(person.old_id, moved.new_id, person.email)
    print(f"{person.email}: {moved.files} files{'' if moved.keeps_password else ', and needs a new password'}")
    return True


def _source(arguments: argparse.Namespace) -> Supabase | PocketBase:
    if arguments.source == "supabase":
        known = (os.environ[f"SUPABASE_{name}"] for name in ("DATABASE_URL", "URL", "SERVICE_KEY"))
        return Supabase(*known)
    return PocketBase(arguments.folder, arguments.people, dict(_pairs(arguments.owned)))


def _pairs(owned: Iterable[str]) -> Iterable[tuple[str, str]]:
    for pair in owned:
        collection, separator, field = pair.partition("=")
        if not separator:
            raise SystemExit(f"--owned wants COLLECTION=FIELD, not {pair}")
        yield collection, field
