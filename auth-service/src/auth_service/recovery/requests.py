"""Takes requests for mails to an address, without looking whether there is an account with it."""

from datetime import timedelta

from auth_service.accounts.emails import parse_email
from auth_service.accounts.errors import InvalidEmail
from strongroom.database import Database
from strongroom.database.attempts import Attempts, Limit, TooManyAttempts
from strongroom.database.jobs import JobQueue

TO_ONE_ADDRESS = Limit(free=3, first=timedelta(minutes=1), longest=timedelta(hours=1))
# It may be a whole school behind one router.
FROM_ONE_CLIENT = Limit(free=20, first=timedelta(seconds=10), longest=timedelta(hours=1))
_LOOPBACK = ("127.", "::1")


class MailRequests:
    def __init__(self, database: Database, jobs: JobQueue, attempts: Attempts) -> None:
        self._database = database
        self._jobs = jobs
        self._attempts = attempts

    async def take(self, job: str, email: str, client_address: str | None) -> None:
        """Enqueues the job with `email`, by which accounts are looked up, unless too many were for that address.

        Raises TooManyAttempts for a client that asks too often; one on this very machine may.
        """
        if client_address and not client_address.startswith(_LOOPBACK):
            await self._attempts.begin("mail", client_address, limit=FROM_ONE_CLIENT)
        key = _key(email)
        try:
            await self._attempts.begin(job, key, limit=TO_ONE_ADDRESS)
        except TooManyAttempts:
            return
        async with self._database.begin() as tx:
            await self._jobs.enqueue(tx, job, {"email": key})


def _key(email: str) -> str:
    try:
        return parse_email(email).key
    except InvalidEmail:
        return ""  # no account has it
