"""How a second factor can be refused."""

from strongroom.errors import Conflict, Forbidden, NotFound, Unprocessable


class SecondFactorFailed(Forbidden):
    """Wrong, used already, expired, or of somebody else: it is not told which."""

    slug = "second-factor-failed"
    title = "The second factor is not right"


class WrongCode(Unprocessable):
    slug = "wrong-code"
    title = "The code is not right, or it has been used already"


class TotpEnabled(Conflict):
    slug = "totp-enabled"
    title = "An authenticator app is set up already; remove it first"


class TotpNotStarted(NotFound):
    slug = "totp-not-set-up"
    title = "No authenticator app is set up"


class NoSecondFactor(Conflict):
    slug = "no-second-factor"
    title = "Recovery codes stand in for a second factor, and there is none"


class InvalidPasskey(Unprocessable):
    slug = "invalid-passkey"
    title = "The passkey cannot be added"


class PasskeyNotFound(NotFound):
    slug = "passkey-not-found"
    title = "There is no such passkey"
