"""`login`, `logout`, `whoami`, `profiles`."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.invocation import Invocation, is_private
from strongroom.cli.profiles import Profile
from strongroom.cli.secret_stores import KEYRING, best_kind

if TYPE_CHECKING:
    from strongroom.client import PersonTokens

app = typer.Typer()


@command(app)
async def login(
    cli: Invocation,
    by_password: Annotated[bool, typer.Option("--password", help="Ask for email and password here.")] = False,
    email: Annotated[str | None, typer.Option(help="Whose password.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input; a code is a second line.")
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser, or only print the address.")
    ] = True,
    scope: Annotated[str | None, typer.Option(help="Ask for less than everything, like 'files:read'.")] = None,
) -> None:
    """Sign in, in the browser or with a password."""
    from strongroom.cli import sign_in
    from strongroom.cli.prompts import Prompts
    from strongroom.client import AsyncStrongroom, MemoryTokenStore, PersonTokens

    if not is_private(cli.url):
        cli.out.note(f"{cli.url} is not encrypted: whoever is on the way there can read what you send.")
    typed = by_password or password_stdin
    client_id = None if typed else sign_in.CLIENT_ID
    tokens = PersonTokens(cli.url, MemoryTokenStore(), client_id=client_id)
    async with AsyncStrongroom(cli.url, tokens) as strongroom:
        if typed:
            prompts = Prompts(from_stdin=password_stdin)
            await sign_in.by_password(strongroom, email or prompts.email(), prompts, scope=scope)
        else:
            await sign_in.in_browser(strongroom, cli.url, cli.out, scope=scope, opens=browser)
        who = await strongroom.account.profile()
        profile = await _kept(cli, tokens, who.email, client_id)
    cli.out.note(f"Signed in to {profile.url} as {profile.email}. The secret is in {_where(profile)}.")
    if cli.out.json:
        cli.out.document(
            {"profile": profile.name, "url": profile.url, "email": profile.email, "secret_in": profile.secret_in}
        )


@command(app)
async def logout(cli: Invocation) -> None:
    """End the session, and forget its secret."""
    from strongroom.client import PersonTokens

    profile = cli.profile()
    async with PersonTokens(profile.url, cli.store(profile), client_id=profile.client_id) as tokens:
        try:
            await tokens.sign_out()
        finally:
            # Not before its secret: what cannot be read, or was put there by somebody else meanwhile, needs it still.
            if await tokens.kept() is None:
                cli.profiles.remove(profile.name)
    cli.out.note(f"Signed out of {profile.url}.")


@command(app)
async def whoami(cli: Invocation) -> None:
    """Show who is signed in, and where."""
    async with cli.strongroom() as strongroom:
        who = await strongroom.account.profile()
    if cli.out.json:
        cli.out.document({"url": cli.url, **who.model_dump(mode="json")})
    else:
        cli.out.table(("who", "where", "roles"), [(who.email, cli.url, " ".join(who.roles))])


@command(app)
async def profiles(cli: Invocation) -> None:
    """List the profiles that are signed in."""
    for one in cli.profiles:
        shown = {"profile": one.name, "url": one.url, "email": one.email, "secret_in": one.secret_in}
        cli.out.item("\t".join((one.name, one.email, one.url)), shown)


async def _kept(cli: Invocation, tokens: "PersonTokens", email: str, client_id: str | None) -> Profile:
    """Ends the session that the profile had before, too: nobody would ever use it again."""
    before = cli.profiles.find(cli.name)
    if before is not None:
        with suppress(Exception):
            await _ended(cli, before)
    profile = Profile(cli.name, cli.url, email, client_id, best_kind())
    kept = await tokens.kept()
    assert kept is not None
    store = cli.store(profile)
    with store.exclusive():
        # Before the profile: if nothing more comes, these are of another address than the profile, and go nowhere.
        store.save(kept)
    cli.profiles.save(profile)
    return profile


async def _ended(cli: Invocation, profile: Profile) -> None:
    from strongroom.client import PersonTokens

    async with PersonTokens(profile.url, cli.store(profile), client_id=profile.client_id) as tokens:
        await tokens.sign_out()


def _where(profile: Profile) -> str:
    return "the keyring" if profile.secret_in == KEYRING else "a file that only you can read"
