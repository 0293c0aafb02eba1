"""`admin …`: accounts, sessions, clients, keys, quotas, jobs and the audit trail, for administrators."""

import typer

from strongroom.cli import admin_clients, admin_people, admin_service

app = typer.Typer(no_args_is_help=True)
for group in (admin_people, admin_clients, admin_service):
    app.registered_commands += group.app.registered_commands
