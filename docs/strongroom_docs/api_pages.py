"""A page for each tag of the OpenAPI document, and one with the objects that they name."""

import re
from collections import defaultdict
from collections.abc import Mapping

from strongroom_docs.errors import of_tags
from strongroom_docs.markdown import code, table
from strongroom_docs.schemas import Schema, fields, kind, listed, remarks, schema_of

_LISTED_BY_ITSELF = {"4XX", "5XX"}


def api_pages(document: Schema) -> dict[str, str]:
    """The Markdown of each page by its name."""
    operations: dict[str, list[str]] = defaultdict(list)
    for path, item in schema_of(document["paths"]).items():
        for method, operation in schema_of(item).items():
            described = schema_of(operation)
            for tag in listed(described.get("tags")):
                operations[str(tag)].append(_operation(method, path, described))
    errors = of_tags()
    pages = {f"api-{_slug(tag)}": _page(tag, texts, errors.get(tag, "")) for tag, texts in sorted(operations.items())}
    return {**pages, "objects": _objects(schema_of(schema_of(document["components"])["schemas"]))}


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower())


def _page(tag: str, operations: list[str], errors: str) -> str:
    refusals = f"## Its own refusals\n\n{errors}\n" if errors else ""
    return (
        f"# API: {tag}\n\n"
        + "\n".join(operations)
        + f"\n{refusals}\nAny call may also be refused for what "
        + ("[all of them share](errors.md#strongroom).\n")
    )


def _operation(method: str, path: str, operation: Schema) -> str:
    parts = [
        f"## `{method.upper()} {path}`",
        str(operation.get("description") or f"{operation.get('summary', '')}."),
        _who(operation),
        _parameters(operation),
        _body(schema_of(operation.get("requestBody"))),
        _answers(schema_of(operation.get("responses"))),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _who(operation: Schema) -> str:
    scopes = sorted(
        str(scope)
        for way in listed(operation.get("security"))
        for needed in schema_of(way).values()
        for scope in listed(needed)
    )
    if "security" not in operation:
        return ""
    return (
        f"Needs a token with {', '.join(code(scope) for scope in dict.fromkeys(scopes))}."
        if scopes
        else "Needs a token."
    )


def _parameters(operation: Schema) -> str:
    rows = []
    for one in map(schema_of, listed(operation.get("parameters"))):
        schema = {**schema_of(one.get("schema")), "description": one.get("description", "")}
        needed = "yes" if one.get("required") else ""
        rows.append((code(one["name"]), str(one["in"]), kind(schema), needed, remarks(schema)))
    return table(("parameter", "in", "type", "needed", "what it is"), rows)


def _body(body: Schema) -> str:
    return "\n\n".join(
        f"Body, {code(media)}: {_whole(schema_of(schema_of(content).get('schema')))}"
        for media, content in schema_of(body.get("content")).items()
    )


def _whole(schema: Schema) -> str:
    table_of_fields = fields(schema)
    return f"\n\n{table_of_fields}" if table_of_fields else kind(schema)


def _answers(responses: Schema) -> str:
    rows = [
        (code(status), _when(schema_of(answer)), _contents(schema_of(answer)))
        for status, answer in sorted(responses.items())
        if status not in _LISTED_BY_ITSELF
    ]
    return table(("answer", "when", "what"), rows)


def _when(answer: Schema) -> str:
    said = str(answer.get("description", ""))
    return "" if said == "Successful Response" else said  # which FastAPI says where nobody has said anything


def _contents(answer: Schema) -> str:
    return "; ".join(
        f"{code(media)}: {kind(schema_of(schema_of(content).get('schema')))}"
        for media, content in schema_of(answer.get("content")).items()
    )


def _objects(schemas: Mapping[str, object]) -> str:
    texts = []
    for name, value in sorted(schemas.items()):
        schema = schema_of(value)
        body = fields(schema, "") or f"{kind(schema, '')}\n"
        texts.append("\n\n".join(filter(None, [f"## {name}", str(schema.get("description", "")), body])))
    return "# API: objects\n\nWhat bodies and answers are made of.\n\n" + "\n".join(texts)
