"""The pages about what can be imported: the `strongroom` package, by its docstrings."""

import strongroom.client
from strongroom.client import errors

_VERIFYING = ("strongroom.TokenVerifier", "strongroom.Principal")
_CALLING = ("strongroom.ClientCredentials", "strongroom.ServiceClient")
_PROTECTING = ("strongroom.web.protect", "strongroom.web.scoped")


_CLIENTS = ("AsyncStrongroom", "Strongroom")
_ABOUT_APPS = """The package `strongroom.client`, which `strongroom[client]` brings. `Strongroom` has every method of
`AsyncStrongroom`, and blocks.
"""
_ALIASES = ("Progress", "Source")
_ALL = ("members", "inherited-members")


def python_pages() -> dict[str, str]:
    return {"python-services": _services(), "python-apps": _apps()}


def _services() -> str:
    return "\n".join(
        [
            "# Python: for services\n",
            "Of the package `strongroom`, what a service of yours needs.\n",
            "## Verifying tokens\n",
            *(_directive("autoclass", name, "members") for name in _VERIFYING),
            "## Protecting FastAPI routes\n",
            *(_directive("autofunction", name) for name in _PROTECTING),
            "## Calling protected services\n",
            *(_directive("autoclass", name, "members") for name in _CALLING),
        ]
    )


def _apps() -> str:
    parts = {
        f"`strongroom.{name}`": f"{type(part).__module__}.{type(part).__name__}" for name, part in _parts().items()
    }
    other = [name for name in strongroom.client.__all__ if not hasattr(errors, name) and name not in _CLIENTS]
    return "\n".join(
        [
            "# Python: for apps\n",
            _ABOUT_APPS,
            *(_directive("autoclass", f"strongroom.client.{name}", "members") for name in _CLIENTS),
            *(f"## {title}\n\n{_directive('autoclass', name, *_ALL)}" for title, name in parts.items()),
            "## What can go wrong\n",
            f"```text\n{_tree()}\n```\n",
            "## Tokens, sources and answers\n",
            *(_imported(name) for name in other),
        ]
    )


def _imported(name: str) -> str:
    full = f"strongroom.client.{name}"
    return _directive("autodata", full) if name in _ALIASES else _directive("autoclass", full, "members")


def _parts() -> dict[str, object]:
    client = strongroom.client.AsyncStrongroom("http://127.0.0.1")
    return {name: getattr(client, name) for name in ("account", "files", "folders", "links", "admin")}


def _tree() -> str:
    """Of the errors, as their module draws it."""
    return (errors.__doc__ or "").strip()


def _directive(kind: str, name: str, *options: str) -> str:
    lines = [f".. {kind}:: {name}", *(f"   :{option}:" for option in options)]
    return "```{eval-rst}\n" + "\n".join(lines) + "\n```\n"
