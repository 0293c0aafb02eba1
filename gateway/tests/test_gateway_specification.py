from pydantic import JsonValue

from gateway.specification import Specification, merged

REFERENCE = "#/components/schemas/"


def specification(
    schemas: dict[str, JsonValue], paths: dict[str, JsonValue] | None = None, **more: dict[str, JsonValue]
) -> Specification:
    return Specification(paths=paths or {}, components={"schemas": schemas, **more})


def merge(auth: Specification, files: Specification) -> dict[str, JsonValue]:
    return merged({"auth": auth, "files": files}, title="Strongroom", version="1", url="https://x")


def schemas_of(document: dict[str, JsonValue]) -> dict[str, JsonValue]:
    components = document["components"]
    assert isinstance(components, dict)
    schemas = components["schemas"]
    assert isinstance(schemas, dict)
    return schemas


def test_paths_and_tags_come_together() -> None:
    auth = Specification(paths={"/auth": {}}, tags=[{"name": "accounts"}, {"name": "both"}])
    files = Specification(paths={"/files": {}}, tags=[{"name": "both"}, {"name": "files"}])
    document = merge(auth, files)
    assert document["paths"] == {"/auth": {}, "/files": {}}
    assert document["tags"] == [{"name": "accounts"}, {"name": "both"}, {"name": "files"}]


def test_the_same_schema_is_shared() -> None:
    document = merge(specification({"Problem": {"type": "object"}}), specification({"Problem": {"type": "object"}}))
    assert schemas_of(document) == {"Problem": {"type": "object"}}


def test_a_schema_that_clashes_is_renamed_with_all_references() -> None:
    reference: JsonValue = {"$ref": f"{REFERENCE}Page"}
    auth = specification({"Page": {"title": "of sessions"}}, {"/auth": {"get": reference}})
    files = specification(
        {
            "Page": {"title": "of files"},
            "List": {"items": [reference]},
            "Either": {"discriminator": {"mapping": {"page": f"{REFERENCE}Page"}}},
        },
        {"/files": {"get": reference}},
    )
    document = merge(auth, files)
    renamed: JsonValue = {"$ref": f"{REFERENCE}files_Page"}
    assert document["paths"] == {"/auth": {"get": reference}, "/files": {"get": renamed}}
    assert schemas_of(document) == {
        "Page": {"title": "of sessions"},
        "files_Page": {"title": "of files"},
        "List": {"items": [renamed]},
        "Either": {"discriminator": {"mapping": {"page": f"{REFERENCE}files_Page"}}},
    }


def test_a_schema_that_refers_to_a_renamed_one_is_not_shared() -> None:
    outer: JsonValue = {"items": {"$ref": f"{REFERENCE}Item"}}
    auth = specification({"Item": {"title": "session"}, "Page": outer, "Book": {"$ref": f"{REFERENCE}Page"}})
    files = specification({"Item": {"title": "file"}, "Page": outer, "Book": {"$ref": f"{REFERENCE}Page"}})
    schemas = schemas_of(merge(auth, files))
    assert schemas["Page"] == outer
    assert schemas["files_Page"] == {"items": {"$ref": f"{REFERENCE}files_Item"}}
    assert schemas["files_Book"] == {"$ref": f"{REFERENCE}files_Page"}


def test_a_security_scheme_that_clashes_is_renamed_where_it_is_required() -> None:
    paths: dict[str, JsonValue] = {"/files": {"get": {"security": [{"Strongroom": ["files:read"]}]}}}
    document = merge(
        specification({}, securitySchemes={"Strongroom": {"type": "oauth2"}}),
        specification({}, paths, securitySchemes={"Strongroom": {"type": "http"}}),
    )
    assert document["paths"] == {"/files": {"get": {"security": [{"files_Strongroom": ["files:read"]}]}}}
    components = document["components"]
    assert isinstance(components, dict)
    assert components["securitySchemes"] == {"Strongroom": {"type": "oauth2"}, "files_Strongroom": {"type": "http"}}
