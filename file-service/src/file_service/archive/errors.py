"""How putting files into an archive can be refused."""

from strongroom.errors import NotFound, Unprocessable


class NothingSelected(Unprocessable):
    slug = "nothing-selected"
    title = "Say which files: either some `ids` or a `prefix`"


class EmptyArchive(NotFound):
    """A folder is there as long as a file is in it."""

    slug = "empty-archive"
    title = "There is nothing in such a folder"


class TooManyFiles(Unprocessable):
    slug = "too-many-files"
    title = "These are more files than one archive takes"
