"""As much of PocketBase's data folder as moving out of it needs. `python -m pocketbase_stand_in FOLDER` makes one."""

import sqlite3
import sys
from pathlib import Path

from passlib.hash import bcrypt

PASSWORD = "old-tide-lantern"
_TABLES = """
    create table _collections (id text primary key, name text, type text);
    create table users (
        id text primary key, email text, name text, password text, verified boolean, avatar text, created text
    );
    create table posts (id text primary key, author text, scan text);
    insert into _collections values ('_pb_users_auth_', 'users', 'auth'), ('pbc_1125843985', 'posts', 'base');
    insert into posts values ('post00000000001', 'user00000000001', 'scan.txt');
"""


def make(folder: Path) -> None:
    storage = folder / "storage"
    for path, content in {
        "_pb_users_auth_/user00000000001/face.png": b"a face",
        "_pb_users_auth_/user00000000001/face.png.attrs": b"{}",
        "_pb_users_auth_/user00000000001/thumbs_face.png/100x100_face.png": b"a smaller face",
        "pbc_1125843985/post00000000001/scan.txt": b"a scan",
    }.items():
        (storage / path).parent.mkdir(parents=True, exist_ok=True)
        (storage / path).write_bytes(content)
    with sqlite3.connect(folder / "data.db") as database:
        database.executescript(_TABLES)
        hashed = bcrypt.using(rounds=4, ident="2a").hash(PASSWORD)
        known = ("user00000000001", "ada@pocket.example", "Ada", hashed, True, "face.png", "2025-01-01 10:00:00.000Z")
        database.execute("insert into users values (?, ?, ?, ?, ?, ?, ?)", known)
    database.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
