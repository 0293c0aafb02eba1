"""The readers of a backup, which has lain where others may write."""

import json
import tempfile
from hashlib import sha256
from pathlib import Path

from fuzzing import Target, damaged, like
from hypothesis import strategies as st

from strongroom_backup.errors import Damaged
from strongroom_backup.packed import Packed, PackedWriter, unpacked
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import kept_in

LINES = b"".join(b"%032x/%032x\t%d\t%s\n" % (n, n, n, b"ab" * 32) for n in range(5))
PACKED = {"lines": 5, "size": 100, "sha256": "ab" * 32}
MANIFEST = {
    "format": 1,
    "made_at": "2026-01-01T00:00:00Z",
    "postgresql": "18.0",
    "revisions": {"auth": "0003"},
    "tables": [{"schema_name": "auth", "name": "accounts", "columns": ["id"], "rows": PACKED}],
    "sequences": {"auth.events_id_seq": 1, "files.x": None},
    "objects": PACKED,
    "object_bytes": 10,
    "copied": 1,
    "keys": {"master-key": "ab" * 32},
}


def _written() -> tuple[bytes, Packed]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        with PackedWriter(path) as writer:
            writer.add(LINES)
        return path.read_bytes(), writer.packed


WHOLE, WHAT = _written()


def _lines(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        assert b"".join(unpacked(path, WHAT)) == LINES, "it was changed, and nobody noticed"


def _objects(lines: bytes) -> None:
    """Whoever changes what is listed can also change the hash that is written down of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        with PackedWriter(path) as writer:
            writer.add(lines)
        list(kept_in(path, writer.packed))


def _manifest(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "manifest.json").write_bytes(content)
        Path(folder, "manifest.sha256").write_text(sha256(content).hexdigest())
        Snapshot(Path(folder)).manifest()


TARGETS = [
    Target("packed lines", _lines, damaged(WHOLE), (Damaged,)),
    Target("list of objects", _objects, damaged(LINES, signs=[b"\t", b"\n", b"-", b"/../"]), (Damaged,)),
    Target(
        "manifest",
        _manifest,
        like(MANIFEST).map(lambda document: json.dumps(document).encode())
        | damaged(json.dumps(MANIFEST).encode())
        | st.binary(),
        (Damaged,),
    ),
]
