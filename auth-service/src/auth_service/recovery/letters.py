"""The words of the mails about passwords and addresses. None repeats what a stranger could have typed."""

from datetime import datetime

from auth_service.mail.outbox import Message


def password_link(to: str, link: str, good_until: datetime) -> Message:
    text = f"""\
Somebody, probably you, forgot the password of your Strongroom account. Choose
a new one by opening this link, within an hour:

{link}

If it was not you, you need not do anything: your password is unchanged.
"""
    return Message(to, "Choose a new password", text, good_until)


def password_changed(to: str) -> Message:
    text = """\
The password of your Strongroom account was changed through a link that we sent
to this address, and the account was signed out everywhere.

If it was not you, somebody else can read your mail. Secure your mailbox first,
and then choose a new password by "forgot password".
"""
    return Message(to, "Your password was changed", text)


def confirm_change(to: str, link: str, good_until: datetime) -> Message:
    text = f"""\
Somebody wants to use this address for their Strongroom account. If that was
you, confirm it by opening this link, within 24 hours:

{link}

If it was not you, you need not do anything.
"""
    return Message(to, "Confirm your new email address", text, good_until)


def change_requested(to: str) -> Message:
    text = """\
Somebody who knows your password asked to change the email address of your
Strongroom account. It will change when a link that we sent to the new address
is followed; until then this one counts.

If it was not you, change your password now: that also voids the link.
"""
    return Message(to, "Your email address is about to change", text)


def address_changed(to: str) -> Message:
    text = """\
The email address of your Strongroom account was changed. This one is not used
for it any more.

If it was not you, tell the administrators of your Strongroom at once.
"""
    return Message(to, "Your email address was changed", text)
