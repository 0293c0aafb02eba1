"""What an app is told of a person, by scope (OpenID Connect Core §5.4)."""

from auth_service.accounts.repository import Account


def person_claims(account: Account, scope: str) -> dict[str, object]:
    scopes = scope.split()
    claims: dict[str, object] = {"sub": str(account.id)}
    if "profile" in scopes and account.name is not None:
        claims["name"] = account.name
    if "email" in scopes:
        claims |= {"email": account.email, "email_verified": account.email_verified}
    return claims
