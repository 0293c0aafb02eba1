"""How dealing with folders can fail."""

from strongroom.errors import NotFound, Unprocessable


class FolderNotFound(NotFound):
    """A folder is there as long as a file is in it."""

    slug = "folder-not-found"
    title = "There is nothing in such a folder"


class IntoItself(Unprocessable):
    slug = "folder-into-itself"
    title = "A folder cannot be moved into itself"
