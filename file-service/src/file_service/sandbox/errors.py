"""How a parser can end but well."""


class Unreadable(Exception):
    """It will be no better next time. `reason` is a slug, `detail` a sentence for the owner of the file.

    To the reasons of parsers (`parsers.contract`) come `crashed`, `out-of-memory` and `took-too-long`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Interrupted(Exception):
    """Somebody ended the process, who knows why. It may be better next time."""
