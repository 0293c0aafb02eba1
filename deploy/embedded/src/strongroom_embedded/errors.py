"""What can go wrong while the stack starts and runs, each with the exit code that the launcher ends with.

LauncherError           1
├── BadSettings         2   the environment says something that cannot be used
├── PortTaken           1
├── DirectoryInUse      1   a second launcher on the same data
├── ServerFailed        1   a server could not be prepared
├── NotReady            1   a child runs but does not answer in time
└── ChildDied           1   a child ended by itself
"""


class LauncherError(Exception):
    """Its text is all that a person sees, so it says what to do."""

    exit_code = 1


class BadSettings(LauncherError):
    exit_code = 2


class PortTaken(LauncherError):
    pass


class DirectoryInUse(LauncherError):
    pass


class ServerFailed(LauncherError):
    pass


class NotReady(LauncherError):
    pass


class ChildDied(LauncherError):
    pass
