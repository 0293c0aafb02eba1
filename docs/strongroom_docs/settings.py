"""Lists the settings of every program with names, defaults and meanings, out of the classes that read them."""

from types import UnionType
from typing import Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from auth_service.settings import AuthSettings
from file_service.settings import FileSettings, StoreSetupSettings, WorkerSettings
from gateway.settings import GatewaySettings
from strongroom.web.settings import DatabaseSettings, Settings
from strongroom_backup.settings import BackupSettings
from strongroom_docs.markdown import code, table

_PROGRAMS: dict[str, type[Settings]] = {
    "python -m gateway serve": GatewaySettings,
    "python -m auth_service serve": AuthSettings,
    "python -m file_service serve": FileSettings,
    "python -m file_service work": WorkerSettings,
    "python -m file_service prepare-store": StoreSetupSettings,
    "python -m auth_service migrate, python -m file_service migrate": DatabaseSettings,
    "python -m strongroom_backup": BackupSettings,
}
_OPENING = """# Settings

Each is read from the environment. One that is not there is read from a file in `/run/secrets` with its name in small
letters, and an empty one counts as not set. `make up` gives all programs the settings that you give it, and fills in
those that have no default.

"""


def settings_page() -> str:
    return _OPENING + "\n".join(f"## {code(name)}\n\n{_table(settings)}" for name, settings in _PROGRAMS.items())


def _table(settings: type[Settings]) -> str:
    prefix = settings.model_config.get("env_prefix", "")
    rows = [
        (code(f"{prefix}{name}".upper()), _kind(field.annotation), _default(field), field.description or "")
        for name, field in settings.model_fields.items()
    ]
    return table(("name", "type", "default", "what it is"), rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default in (None, PydanticUndefined, [], {}, ()):
        return ""
    return code(str(default).lower() if isinstance(default, bool) else default)


def _kind(annotation: object) -> str:
    """As somebody writes it who fills in an environment."""
    if get_origin(annotation) in (Union, UnionType):
        return _kind(next(one for one in get_args(annotation) if one is not type(None)))
    if annotation in (int, float):
        return "number"
    if annotation is bool:
        return "`true` or `false`"
    return "secret" if annotation is SecretStr else "text"
