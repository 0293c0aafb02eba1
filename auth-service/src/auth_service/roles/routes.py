"""Administrators define roles."""

from typing import Annotated

from fastapi import APIRouter, Path

from auth_service.access import Admin
from auth_service.roles.repository import Role
from auth_service.roles.schemas import RoleName, RoleOut, RoleScopes
from auth_service.roles.service import Roles
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth/roles", tags=["admin"])

RolesDep = Annotated[Roles, provided(Roles)]
Name = Annotated[RoleName, Path()]


@router.get("")
async def listed(_: Admin, roles: RolesDep) -> list[RoleOut]:
    return [RoleOut.of(role) for role in await roles.listed()]


@router.put("/{name}")
async def put(name: Name, wanted: RoleScopes, admin: Admin, roles: RolesDep) -> RoleOut:
    """Who has the role gets its new scopes with the next token."""
    role = Role(name, tuple(dict.fromkeys(wanted.scopes)))
    await roles.put(role, admin)
    return RoleOut.of(role)


@router.delete("/{name}", status_code=204)
async def remove(name: Name, admin: Admin, roles: RolesDep) -> None:
    await roles.remove(name, admin)
