"""Decides what is an email address, and when two are the same."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from auth_service.accounts.errors import InvalidEmail

_LONGEST = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """`text` is what mail is sent to, `key` what an account is looked up by."""

    text: str
    key: str


def parse_email(text: str) -> EmailAddress:
    """Raises InvalidEmail. Private domains (`.internal`, `.test`) are fine: not every installation is public."""
    if len(text) > _LONGEST:
        raise InvalidEmail("It is too long")
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidEmail(str(error)) from error
    if "." not in found.domain:
        raise InvalidEmail("The part after the @-sign is not a domain name")
    return EmailAddress(found.normalized, found.normalized.casefold())
