"""As much of a Supabase project as moving out of it needs: two tables in a database, and the storage's API.

`python -m supabase_stand_in` makes the database on the server of STRONGROOM_DATABASE_URL, and prints what to export.
With `impostor` somebody has signed up there, long ago, with an address that is not theirs.
"""

import asyncio
import os
import sys
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
from fastapi import FastAPI, HTTPException, Request, Response
from passlib.hash import bcrypt

KEY = "service-role-key"
PASSWORD = "old-tide-lantern"
FILES = {"photos/grün.txt": "a picture of grün\n".encode(), "notes/a/b.txt": b"b\n"}
_TABLES = """
    create schema auth;
    create schema storage;
    create table auth.users (
        id uuid primary key, email text, encrypted_password text,
        email_confirmed_at timestamptz, deleted_at timestamptz, banned_until timestamptz,
        raw_user_meta_data jsonb, created_at timestamptz not null default now()
    );
    create table storage.objects (id uuid primary key, bucket_id text, name text, owner_id text);
"""

app = FastAPI()


@app.get("/storage/v1/object/{path:path}")
async def read(path: str, request: Request) -> Response:
    if request.headers.get("authorization") != f"Bearer {KEY}":
        raise HTTPException(401)
    if path not in FILES:
        raise HTTPException(404)
    return Response(FILES[path])


async def prepare() -> str:
    """The address of the database."""
    own = os.environ["STRONGROOM_DATABASE_URL"].replace("+asyncpg", "", 1)
    name = f"supabase_{uuid4().hex}"
    server = await asyncpg.connect(own)
    await server.execute(f"create database {name}")
    await server.close()
    address = urlunsplit(urlsplit(own)._replace(path=f"/{name}"))
    database = await asyncpg.connect(address)
    await database.execute(_TABLES)
    hashed = bcrypt.using(rounds=4, ident="2a").hash(PASSWORD)
    ada = uuid4()
    await database.execute(_confirmed("null", "null"), ada, "ada@moved.example", hashed)
    await database.execute(_confirmed("null", "null"), uuid4(), "by-provider@moved.example", "")
    await database.execute(_confirmed("now()", "null"), uuid4(), "gone@moved.example", hashed)
    await database.execute(_confirmed("null", "now() + interval '1 day'"), uuid4(), "banned@moved.example", hashed)
    for path in FILES:
        bucket, _, file = path.partition("/")
        await database.execute("insert into storage.objects values ($1, $2, $3, $4)", uuid4(), bucket, file, str(ada))
    await database.close()
    return address


def _confirmed(deleted_at: str, banned_until: str) -> str:
    named = '{"full_name": "Ada"}'
    return f"insert into auth.users values ($1, $2, $3, now(), {deleted_at}, {banned_until}, '{named}')"


async def sign_up_an_impostor() -> None:
    database = await asyncpg.connect(os.environ["SUPABASE_DATABASE_URL"])
    hashed = bcrypt.using(rounds=4).hash("known to a stranger")
    somebody = "insert into auth.users values ($1, $2, $3, null, null, null, '{}', '2020-01-01')"
    await database.execute(somebody, uuid4(), "By-Provider@moved.example", hashed)
    await database.close()


if __name__ == "__main__" and sys.argv[1:] == ["impostor"]:
    asyncio.run(sign_up_an_impostor())
elif __name__ == "__main__":
    print(f"export SUPABASE_DATABASE_URL='{asyncio.run(prepare())}' SUPABASE_SERVICE_KEY={KEY}")
