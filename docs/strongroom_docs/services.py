"""The services as they describe themselves, built with settings that lead nowhere and never started."""

import base64
import pkgutil
from importlib import import_module
from types import ModuleType

from fastapi import FastAPI
from pydantic import JsonValue

import auth_service
import file_service
import gateway
import strongroom
from auth_service.app import create_app as create_auth_service
from auth_service.settings import AuthSettings
from file_service.app import create_app as create_file_service
from file_service.settings import FileSettings
from gateway.specification import Specification, merged

ADDRESS = "http://127.0.0.1:8080"
_NOWHERE = "postgresql://nowhere.invalid/none"
_PACKAGES = (strongroom, auth_service, file_service, gateway)


def applications() -> dict[str, FastAPI]:
    auth = AuthSettings.model_validate(
        {
            "public_url": ADDRESS,
            "database_url": _NOWHERE,
            "master_key": base64.b64encode(bytes(32)).decode(),
            "mail_dir": "/nowhere",
            "smtp_url": None,
        }
    )
    files = FileSettings.model_validate(
        {
            "public_url": ADDRESS,
            "auth_url": ADDRESS,
            "database_url": _NOWHERE,
            "s3_endpoint": ADDRESS,
            "s3_access_key": "none",
            "s3_secret_key": "none",
        }
    )
    return {"auth": create_auth_service(auth), "files": create_file_service(files)}


def specification() -> dict[str, JsonValue]:
    """The document that the gateway has at `/openapi.json`."""
    services = {name: Specification.model_validate(app.openapi()) for name, app in applications().items()}
    return merged(services, title="Strongroom", version="0.1.0", url=ADDRESS)


def modules() -> list[ModuleType]:
    """Every module of the services and of what they share, imported; their commands are not."""
    return [
        import_module(found.name)
        for package in _PACKAGES
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.endswith("__main__")
    ]
