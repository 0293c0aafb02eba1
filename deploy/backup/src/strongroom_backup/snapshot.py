"""One dated folder of a repository: the rows of every table, the list of the objects they point at, and a manifest."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from strongroom_backup.errors import Damaged
from strongroom_backup.manifest import FORMAT, Manifest, TableDump
from strongroom_backup.packed import unpacked
from strongroom_backup.private_files import private_directory, sync_directory, write_private
from strongroom_backup.stored import Kept, kept_in


class Snapshot:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.objects = path / "objects.tsv.gz"
        self._manifest, self._seal = path / "manifest.json", path / "manifest.sha256"

    @property
    def name(self) -> str:
        return self.path.name

    def make(self) -> None:
        for folder in (self.path, self.path / "tables", self.path / "keys"):
            private_directory(folder)

    def rows(self, full_name: str) -> Path:
        return self.path / "tables" / f"{full_name}.gz"

    def key_file(self, name: str) -> Path:
        return self.path / "keys" / name

    def finish(self, manifest: Manifest) -> None:
        """The last thing that is written, and on the disk when it returns."""
        text = manifest.model_dump_json(indent=2).encode()
        write_private(self._manifest, text)
        write_private(self._seal, f"{sha256(text).hexdigest()}\n".encode())
        for folder in (self.path / "tables", self.path / "keys", self.path):
            sync_directory(folder)

    def manifest(self) -> Manifest:
        """Raises Damaged."""
        try:
            text, seal = self._manifest.read_bytes(), self._seal.read_text()
            manifest = Manifest.model_validate_json(text)
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise Damaged(f"{self._manifest} cannot be read") from error
        if sha256(text).hexdigest() != seal.strip():
            raise Damaged(f"{self._manifest} is not what was written there")
        if manifest.format != FORMAT:
            raise Damaged(f"{self.path} is of format {manifest.format}, which another release has to read")
        return manifest

    def read_rows(self, table: TableDump) -> Iterator[bytes]:
        """Raises Damaged."""
        return unpacked(self.rows(table.full_name), table.rows)

    def kept(self, manifest: Manifest) -> Iterator[Kept]:
        """By key. Raises Damaged."""
        return kept_in(self.objects, manifest.objects)

    def read_key(self, name: str, manifest: Manifest) -> bytes:
        """Raises Damaged."""
        try:
            content = self.key_file(name).read_bytes()
        except OSError as error:
            raise Damaged(f"{self.key_file(name)} cannot be read") from error
        if sha256(content).hexdigest() != manifest.keys[name]:
            raise Damaged(f"{self.key_file(name)} is not what was written there")
        return content
