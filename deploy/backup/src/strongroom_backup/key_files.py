"""The secret keys of the stack on one machine, which lie in files of its data directory and in no table."""

from pathlib import Path

from strongroom_backup.errors import NotEmpty, OtherMasterKey
from strongroom_backup.snapshot import Snapshot
from strongroom_embedded.private_files import private_directory, write_private
from strongroom_embedded.settings import Settings

_MASTER_KEY = "master-key"
_ADMIN = "admin.txt"


def read(stack: Settings) -> dict[str, bytes]:
    """By name. Those that the environment gives are not in files, and whoever gives them has to keep them."""
    return {name: place.read_bytes() for name, place in _places(stack).items() if place.exists()}


def bring(snapshot: Snapshot, stack: Settings) -> None:
    """Puts them where they belong, before a first start would make others. Raises NotEmpty, OtherMasterKey, Damaged."""
    manifest, places = snapshot.manifest(), _places(stack)
    contents = {name: snapshot.read_key(name, manifest) for name in manifest.keys if name in places}
    for name, content in contents.items():
        if places[name].exists() and places[name].read_bytes() != content:
            raise NotEmpty(f"There is another {places[name]} already; name a new STRONGROOM_DATA")
    if _MASTER_KEY in places and _MASTER_KEY not in contents and not places[_MASTER_KEY].exists():
        raise OtherMasterKey(
            "The snapshot has no master key with it. Set STRONGROOM_MASTER_KEY to the one that was in use, or put it"
            f" into {places[_MASTER_KEY]}"
        )
    private_directory(stack.data / "secrets")
    for name, content in contents.items():
        write_private(places[name], content.decode())


def _places(stack: Settings) -> dict[str, Path]:
    """The store's keys are among them, since the secrets of webhooks are under one derived from theirs."""
    secrets = stack.data / "secrets"
    places = {}
    if stack.master_key is None:
        places[_MASTER_KEY] = secrets / _MASTER_KEY
    if stack.object_store is None:
        places |= {name: secrets / name for name in ("s3-access-key", "s3-secret-key")}
    if stack.admin_password is None:
        places[_ADMIN] = stack.data / _ADMIN
    return places
