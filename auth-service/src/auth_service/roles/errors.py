"""How dealing with roles can fail."""

from strongroom.errors import Conflict, NotFound, Unprocessable


class RoleNotFound(NotFound):
    slug = "role-not-found"
    title = "There is no such role"


class UnknownRole(Unprocessable):
    slug = "unknown-role"
    title = "A role that was named does not exist"


class RoleInUse(Conflict):
    slug = "role-in-use"
    title = "Somebody has this role"


class BuiltInRole(Conflict):
    slug = "built-in-role"
    title = "This role is built in and cannot be changed"
