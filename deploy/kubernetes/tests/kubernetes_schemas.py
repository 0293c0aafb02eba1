"""Holds manifests against Kubernetes' own schemas, which the package `kubernetes_validate` has of many versions.

Its own functions read all the schemas of a version again for each manifest, which takes longer than everything else.
"""

import functools
import json
from importlib.resources import files
from typing import Any

from jsonschema.validators import Draft202012Validator
from kubernetes_files import Manifest, name_of
from referencing import Registry, Resource

_SCHEMAS = files("kubernetes_validate") / "kubernetes-json-schema"


def problems(manifests: list[Manifest], version: str) -> list[str]:
    """What that version of Kubernetes would not take, unknown fields included. A kind without a schema is an error."""
    return [
        f"{manifest['kind']} {name_of(manifest)}, {error.json_path}: {error.message}"
        for manifest in manifests
        for error in _validator(version, manifest["kind"], manifest["apiVersion"]).iter_errors(manifest)
    ]


@functools.cache
def _validator(version: str, kind: str, api_version: str) -> Any:
    group, _, of_group = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.partition(".")[0], of_group) if part)
    return Draft202012Validator(_schema(version, name), registry=_definitions(version))


@functools.cache
def _definitions(version: str) -> Registry[Any]:
    return (Resource.from_contents(_schema(version, "_definitions")) @ Registry()).crawl()


def _schema(version: str, name: str) -> Any:
    return json.loads((_SCHEMAS / f"v{version}.0-local-strict" / f"{name}.json").read_text())
