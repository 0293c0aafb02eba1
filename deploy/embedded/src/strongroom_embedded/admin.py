"""The first administrator: taken from the settings, else from admin.txt, else made up and written there."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from strongroom_embedded.errors import ServerFailed
from strongroom_embedded.private_files import write_private
from strongroom_embedded.settings import DEFAULT_ADMIN_EMAIL


@dataclass(frozen=True, slots=True)
class Admin:
    """`is_new` when this very start made the password up, and so has to show it."""

    email: str
    password: str
    is_new: bool = False


def load_admin(path: Path, email: str | None, password: str | None) -> Admin:
    """A password from the settings is never written to disk."""
    if password is not None:
        return Admin(email or DEFAULT_ADMIN_EMAIL, password)
    if path.exists():
        return _read(path, email)
    admin = Admin(email or DEFAULT_ADMIN_EMAIL, secrets.token_urlsafe(18), is_new=True)
    write_private(path, f"email: {admin.email}\npassword: {admin.password}\n")
    return admin


def _read(path: Path, email: str | None) -> Admin:
    lines = (line.partition(":") for line in path.read_text().splitlines())
    fields = {name.strip(): value.strip() for name, _, value in lines}
    if not fields.get("password"):
        raise ServerFailed(f"{path} has no line `password: …`; restore it, or delete the file to get a new password.")
    # The kept address comes before the default: another one would make a second administrator with the same password.
    return Admin(email or fields.get("email") or DEFAULT_ADMIN_EMAIL, fields["password"])
