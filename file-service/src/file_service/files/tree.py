"""SQL on the folder that a file is in, by a key of which one folder, and all below it, is one stretch of an index."""

from sqlalchemy import ColumnElement, Text, literal_column

# Instead of a slash, which comes after a dash: no name has it, it comes before whatever a name has, and so all that is
# below `a` comes before `a-b`. Migration 0012 has indexes on the very same expression.
SEPARATOR = "\1"
BEHIND_SEPARATOR = "\2"
FOLDER = "translate(left(files.files.path, -length(split_part(files.files.path, '/', -1))), '/', chr(1))"
_folder: ColumnElement[str] = literal_column(FOLDER, Text)


def folder_key(folder: str) -> str:
    """Of a folder's path without a slash at its end; the top is empty."""
    return f"{folder}/".replace("/", SEPARATOR) if folder else ""


def directly_in(folder: str) -> ColumnElement[bool]:
    """The files of the folder itself, and not those of the folders in it."""
    return _folder == folder_key(folder)
