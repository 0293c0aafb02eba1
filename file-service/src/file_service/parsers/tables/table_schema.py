"""A Table Schema (Frictionless, version 1: specs.frictionlessdata.io/table-schema) as its owner wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from file_service.parsers.contract import Refused

TYPES: Final = ("string", "integer", "number", "boolean", "date", "datetime", "any")
_ORDERED: Final = frozenset({"integer", "number", "date", "datetime"})
# The types that each constraint can be asked of.
_CONSTRAINTS: Final[dict[str, frozenset[str]]] = {
    "required": frozenset(TYPES),
    "unique": frozenset(TYPES),
    "enum": frozenset(TYPES),
    "minLength": frozenset({"string"}),
    "maxLength": frozenset({"string"}),
    "pattern": frozenset({"string"}),
    "minimum": _ORDERED,
    "maximum": _ORDERED,
}
_LEFT_OUT: Final = ("foreignKeys", "uniqueKeys", "fieldsMatch")
_TRUE: Final = ("true", "True", "TRUE", "1")
_FALSE: Final = ("false", "False", "FALSE", "0")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str = "string"
    constraints: Mapping[str, Any] = field(default_factory=dict)
    true_values: tuple[str, ...] = _TRUE
    false_values: tuple[str, ...] = _FALSE


@dataclass(frozen=True, slots=True)
class TableSchema:
    """`missing` are the cells that are no values; an empty one never is. `key` are names of fields."""

    fields: tuple[Field, ...]
    missing: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)


def table_schema(descriptor: object) -> TableSchema:
    """Refused as unsupported, by name, with what cannot be checked here; also if it is no schema at all."""
    if not isinstance(descriptor, Mapping) or not isinstance(descriptor.get("fields"), list):
        _refuse("it has no list of fields")
    for name in _LEFT_OUT:
        if name in descriptor:
            _refuse(f"it has {name}")
    fields = tuple(map(_field, descriptor["fields"]))
    names = [each.name for each in fields]
    if len(set(names)) < len(names):
        _refuse("two of its fields have one name")
    key = descriptor.get("primaryKey", [])
    key = (key,) if isinstance(key, str) else _texts(key, "primaryKey")
    if not set(key) <= set(names):
        _refuse("its primaryKey names a field that it does not have")
    return TableSchema(fields, ("", *_texts(descriptor.get("missingValues", []), "missingValues")), key)


def _field(descriptor: object) -> Field:
    if not isinstance(descriptor, Mapping) or not isinstance(name := descriptor.get("name"), str):
        _refuse("one of its fields has no name")
    kind = descriptor.get("type", "string")
    if kind not in TYPES:
        _refuse(f"its field {name!r} is of type {kind!r}")
    if descriptor.get("format", "default") != "default":
        _refuse(f"its field {name!r} has the format {descriptor['format']!r}")
    for option in ("decimalChar", "groupChar", "bareNumber"):
        if option in descriptor:
            _refuse(f"its field {name!r} has {option}")
    return Field(
        name,
        kind,
        _constraints(name, kind, descriptor.get("constraints", {})),
        _texts(descriptor.get("trueValues", _TRUE), "trueValues"),
        _texts(descriptor.get("falseValues", _FALSE), "falseValues"),
    )


def _constraints(name: str, kind: str, constraints: object) -> Mapping[str, Any]:
    if not isinstance(constraints, Mapping):
        _refuse(f"the constraints of its field {name!r} are none")
    for constraint in constraints:
        if kind not in _CONSTRAINTS.get(constraint, ()):
            _refuse(f"its field {name!r} of type {kind!r} has the constraint {constraint!r}")
    return constraints


def _texts(given: object, what: str) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(text, str) for text in given):
        _refuse(f"its {what} are no texts")
    return tuple(given)


def _refuse(why: str) -> NoReturn:
    raise Refused("unsupported", f"The schema cannot be checked: {why}")
