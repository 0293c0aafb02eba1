"""How large a file may be, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from file_service.access import Account
from file_service.uploads.measure import Allowance
from file_service.usage.service import Quotas


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """In bytes. Of several roles the largest limit counts; an account with none of them has `max_file_bytes`."""

    quotas: Quotas
    max_file_bytes: int
    by_role: Mapping[str, int] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        """That anybody may send."""
        return max(self.max_file_bytes, *self.by_role.values(), 0)

    async def allowance(self, account: Account, owner: UUID | None = None) -> Allowance:
        """For an upload of that account into its own tree, or into that of `owner`."""
        named = [limit for role, limit in self.by_role.items() if role in account.roles]
        usage = await self.quotas.usage(owner or account.id)
        return Allowance(largest=max(named, default=self.max_file_bytes), left=usage.left)
