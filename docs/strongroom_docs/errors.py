"""Lists every refusal by its slug, out of the classes that are raised."""

import re
from collections import defaultdict
from inspect import getdoc

from fastapi import APIRouter

from strongroom.errors import AppError
from strongroom_docs.markdown import code, table
from strongroom_docs.services import modules


def errors_page() -> str:
    return (
        "# Refusals\n\nEvery refusal is a problem document (RFC 9457) whose `type` is "
        "`urn:problem-type:strongroom:` and one of these names, which never change. The token endpoint speaks "
        "RFC 6749.\n\n"
        + "\n".join(f"## {code(part)}\n\n{_table(found)}" for part, found in sorted(_by_package().items()))
    )


def of_tags() -> dict[str, str]:
    """The same tables by the tags of OpenAPI, whose routes stand in the same packages as the errors."""
    packages: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        router = getattr(module, "router", None)
        if isinstance(router, APIRouter):
            for tag in router.tags:
                packages[str(tag)].add(_package(module.__name__))
    errors = _by_package()
    return {
        tag: _table([error for name in sorted(names) if name.count(".") for error in errors.get(name, [])])
        for tag, names in packages.items()
    }


def _by_package() -> dict[str, list[type[AppError]]]:
    modules()  # a class is known once its module is
    found: dict[str, list[type[AppError]]] = defaultdict(list)
    for error in sorted(_descendants(AppError), key=lambda one: (one.status, one.slug)):
        found[_package(error.__module__)].append(error)
    return found


def _descendants(error: type[AppError]) -> set[type[AppError]]:
    return {error}.union(*map(_descendants, error.__subclasses__()))


def _package(module: str) -> str:
    """The capability: `file_service.links` of `file_service.links.errors`."""
    service, *rest = module.split(".")
    return ".".join([service, *rest[:1]]) if len(rest) > 1 else service


def _table(errors: list[type[AppError]]) -> str:
    rows = [(code(error.slug), str(error.status), f"{error.title}. {_said(error)}") for error in errors]
    return table(("slug", "status", "what it means"), rows)


def _said(error: type[AppError]) -> str:
    """What its class says about itself, and not what it inherits."""
    text = (getdoc(error) or "") if error.__doc__ and "__doc__" in vars(error) else ""
    return re.sub(r"\s+", " ", text)
