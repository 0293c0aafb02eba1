"""How a second factor can be refused."""

from strongroom.errors import Forbidden


class SecondFactorFailed(Forbidden):
    slug = "second-factor-failed"
    title = "The second factor is not right"
