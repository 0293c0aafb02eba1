"""Says in words what a JSON Schema takes."""

from collections.abc import Mapping, Sequence

from strongroom_docs.markdown import code, table

Schema = Mapping[str, object]
OBJECTS = "objects"
_NO_NUL = r"^[^\x00]*$"  # nobody wants to read that of each text
_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "maxItems": "at most {} of them",
    "minItems": "at least {} of them",
    "pattern": "like `{}`",
}


def schema_of(value: object) -> Schema:
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def kind(schema: Schema, page: str = OBJECTS) -> str:
    """Like `list of [FileOut](objects.md#fileout) or null`; `page` has the objects, and "" is this one."""
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return f"[{name}]({page and f'{page}.md'}#{name.lower()})"
        case {"anyOf": list(choices)} | {"oneOf": list(choices)} | {"allOf": list(choices)}:
            return " or ".join(dict.fromkeys(kind(schema_of(choice), page) for choice in choices))
        case {"enum": list(values)}:
            return " or ".join(code(value) for value in values)
        case {"const": value}:
            return code(value)
        case {"type": "array"}:
            return f"list of {kind(schema_of(schema.get('items')), page)}"
        case {"type": "object", "additionalProperties": Mapping() as values} if values:
            return f"object of {kind(schema_of(values), page)}"
        case _:
            return _simple(schema)


def _simple(schema: Schema) -> str:
    match schema:
        case {"type": "string", "format": "binary"}:
            return "bytes"
        case {"type": str(name), "format": str(form)} if form != "password":
            return f"{name} ({form})"
        case {"type": str(name)}:
            return name
        case _:
            return "anything"


def fields(schema: Schema, page: str = OBJECTS) -> str:
    """A table of an object's fields, or nothing."""
    needed = set(listed(schema.get("required")))
    rows = [
        (code(name), kind(schema_of(one), page), "yes" if name in needed else "", remarks(schema_of(one)))
        for name, one in schema_of(schema.get("properties")).items()
    ]
    return table(("field", "type", "needed", "what it is"), rows)


def remarks(schema: Schema) -> str:
    """What is said of it, its limits and its default."""
    said = str(schema.get("description", "")).rstrip(".")
    default = schema.get("default")
    limits = [text.format(found) for name, text in _LIMITS.items() if (found := _limit(schema, name)) is not None]
    if default not in (None, "", [], {}):
        limits.append(f"by default {code(str(default).lower() if isinstance(default, bool) else default)}")
    return "; ".join(filter(None, [said, *limits]))


def _limit(schema: Schema, name: str) -> object | None:
    """Also where the value may be null."""
    found = [schema_of(choice).get(name) for choice in (schema, *listed(schema.get("anyOf")))]
    return next((one for one in found if one not in (None, _NO_NUL)), None)
