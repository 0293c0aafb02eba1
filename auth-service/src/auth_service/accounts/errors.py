"""How dealing with accounts can fail."""

from strongroom.errors import Conflict, Forbidden, InvalidToken, NotFound, Unprocessable


class EmailTaken(Conflict):
    slug = "email-taken"
    title = "There is already an account with this email address"


class InvalidEmail(Unprocessable):
    slug = "invalid-email"
    title = "This is not an email address"


class WeakPassword(Unprocessable):
    """The detail says what would make it better, in words for the person who chose it."""

    slug = "weak-password"
    title = "This password is too easy to guess"


class AccountNotFound(NotFound):
    slug = "account-not-found"
    title = "There is no such account"


class WrongPassword(Forbidden):
    slug = "wrong-password"
    title = "The current password is not right"


class AccountChanged(Conflict):
    """Between the check of the password and what it was checked for."""

    slug = "account-changed"
    title = "The account was changed at the same moment; try again"


class AccountGone(InvalidToken):
    """The token is genuine, but whom it speaks for has been deleted or disabled since."""

    slug = "account-gone"
    title = "The account that this token speaks for is gone"


class LastAdmin(Conflict):
    slug = "last-admin"
    title = "This is the last administrator; make another one first"
