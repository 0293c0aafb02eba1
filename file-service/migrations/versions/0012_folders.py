"""What is directly in a folder, in every order that a list can have; and a folder's folders, one look each."""

from alembic import op

revision = "0012"
down_revision = "0011"

# As in `file_service/files/tree.py`: the path without the name, its slashes before every character that a name has.
_FOLDER = "translate(left(path, -length(split_part(path, '/', -1))), '/', chr(1))"
# Where there are many files, whoever upgrades makes them beforehand and `concurrently` (docs/upgrades.md).
_INDEX = "-- squawk-ignore require-concurrent-index-creation\ncreate index if not exists {} where trashed_at is null"
_INDEXES = (
    f"ix_files_folder_newest on files.files (owner_id, ({_FOLDER}), id)",
    f"ix_files_folder_name on files.files (owner_id, ({_FOLDER}), name_key, id)",
    f"ix_files_folder_path on files.files (owner_id, ({_FOLDER}), path)",
    f"ix_files_folder_size on files.files (owner_id, ({_FOLDER}), size, id)",
    f"ix_files_folder_updated on files.files (owner_id, ({_FOLDER}), updated_at, id)",
)


def upgrade() -> None:
    for index in _INDEXES:
        op.execute(_INDEX.format(index))
