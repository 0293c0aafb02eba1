"""Makes one OpenAPI document out of those of the services."""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

Components = dict[str, dict[str, JsonValue]]


class Specification(BaseModel):
    """What the gateway takes over from a service's OpenAPI document."""

    paths: dict[str, JsonValue]
    components: Components = {}
    tags: list[JsonValue] = []


def merged(services: Mapping[str, Specification], *, title: str, version: str, url: str) -> dict[str, JsonValue]:
    """Components that are the same are shared; one that clashes gets its service's name before its own."""
    paths: dict[str, JsonValue] = {}
    components: Components = {}
    tags: list[JsonValue] = []
    for service, specification in services.items():
        own = _without_clashes(service, specification, components)
        paths |= own.paths
        for section, entries in own.components.items():
            components[section] = components.get(section, {}) | entries
        tags += [tag for tag in own.tags if tag not in tags]
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {section: dict(entries) for section, entries in components.items()},
        "tags": tags,
    }


def _without_clashes(service: str, specification: Specification, known: Components) -> Specification:
    renamed = _clashes(specification.components, known)
    names = {f"#/components/{section}/{name}": f"#/components/{section}/{service}_{name}" for section, name in renamed}
    schemes = {name: f"{service}_{name}" for section, name in renamed if section == "securitySchemes"}

    def rewritten(value: JsonValue, key: str = "") -> JsonValue:
        """References are strings wherever they stand; security requirements name their scheme as a key."""
        match value:
            case str():
                return names.get(value, value)
            case list():
                return [rewritten(item, key) for item in value]
            case dict():
                naming = schemes if key == "security" else {}
                return {naming.get(name, name): rewritten(item, name) for name, item in value.items()}
            case _:
                return value

    return Specification(
        paths={path: rewritten(item) for path, item in specification.paths.items()},
        components={
            section: {
                f"{service}_{name}" if (section, name) in renamed else name: rewritten(entry)
                for name, entry in entries.items()
            }
            for section, entries in specification.components.items()
        },
        tags=specification.tags,
    )


def _clashes(components: Components, known: Components) -> set[tuple[str, str]]:
    """What differs under the same name, and what looks the same but refers to something that differs."""
    shared = {
        (section, name): entry
        for section, entries in components.items()
        for name, entry in entries.items()
        if name in known.get(section, {})
    }
    clashing = {at for at, entry in shared.items() if entry != known[at[0]][at[1]]}
    while more := {at for at, entry in shared.items() if at not in clashing and _refers(entry, clashing)}:
        clashing |= more
    return clashing


def _refers(value: JsonValue, targets: set[tuple[str, str]]) -> bool:
    match value:
        case str():
            return any(value == f"#/components/{section}/{name}" for section, name in targets)
        case list():
            return any(_refers(item, targets) for item in value)
        case dict():
            return any(_refers(item, targets) for item in value.values())
        case _:
            return False
