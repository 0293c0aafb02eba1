"""What can keep a backup from being made, judged good, or restored.

BackupError
├── NotARepository      the folder has something else in it, or nothing
├── RepositoryInUse     another run works in it
├── NoSnapshot          there is none, or none of that name
├── BackupUnderWay      of the same database, by somebody else
├── NotStrongroom       the database lacks the tables, or cannot be used
├── NotWhole            objects that the database points at cannot be had
├── Damaged             what lies in the folder is not what was put there
├── NotEmpty            something is already where the snapshot is to go
├── WrongRevision       the tables are not of the release that the snapshot is of
├── OtherMasterKey      the snapshot's secrets are under another key
└── StackRuns           what is to be restored must not run meanwhile
"""


class BackupError(Exception):
    """Its name and its text are all that a person sees, so the text says what to do."""


class NotARepository(BackupError):
    pass


class RepositoryInUse(BackupError):
    pass


class NoSnapshot(BackupError):
    pass


class BackupUnderWay(BackupError):
    pass


class NotStrongroom(BackupError):
    pass


class NotWhole(BackupError):
    pass


class Damaged(BackupError):
    pass


class NotEmpty(BackupError):
    pass


class WrongRevision(BackupError):
    pass


class OtherMasterKey(BackupError):
    pass


class StackRuns(BackupError):
    pass


def told(error: Exception) -> str:
    """The name first, where it is one of these, for scripts to find."""
    return f"{type(error).__name__}: {error}" if isinstance(error, BackupError) else str(error)
