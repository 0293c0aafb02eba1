"""How dealing with share links can fail."""

from strongroom.errors import NotFound, TooManyRequests, Unauthorized, Unprocessable


class LinkNotFound(NotFound):
    """Also raised for someone else's link."""

    slug = "link-not-found"
    title = "There is no such link"


class DeadLink(NotFound):
    """One answer whatever the reason, so that nobody learns whether a token was ever good."""

    slug = "dead-link"
    title = "This link does not work, or no longer"


class ExpiresInThePast(Unprocessable):
    slug = "expires-in-the-past"
    title = "A link cannot expire before it is made"


class PasswordNeeded(Unauthorized):
    """RFC 7617: the user name is of no importance."""

    slug = "link-password-needed"
    title = "This link needs its password"
    challenge = 'Basic realm="Strongroom share link", charset="UTF-8"'


class WrongPassword(PasswordNeeded):
    slug = "link-password-wrong"
    title = "This is not the password of the link"


class PasswordThrottled(TooManyRequests):
    slug = "too-many-attempts"
    title = "Too many wrong passwords; wait a while before the next one"
