"""Migrations only add: the release before runs on what they leave, and waits for none of them (docs/upgrades.md)."""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from migration_sql import sql_of
from previous_release import NAME, ROOT, NoHistory, git

SERVICES = ("auth-service", "file-service")
FOLDERS = [f"{service}/migrations/versions" for service in SERVICES]
SQUAWK = Path(sysconfig.get_path("scripts")) / "squawk"
NOT_MEANT = (
    "prefer-bigint-over-int",  # what is counted here stays small
    "require-statement-timeout",  # what takes long is to be found before, and to end a migration half way helps nobody
)


def squawk(sql: str) -> list[str]:
    """The names of the rules that it breaks."""
    command = [
        str(SQUAWK),
        "--assume-in-transaction",
        "--pg-version=18",
        "--reporter=gcc",
        f"--exclude={','.join(NOT_MEANT)}",
    ]
    answer = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    assert answer.returncode in {0, 1}, answer.stderr
    assert bool(answer.stdout.strip()) == (answer.returncode == 1), answer.stderr
    return [line.partition(": warning: ")[2] for line in answer.stdout.splitlines()]


def released() -> set[str]:
    """The migrations that the release before has. The test is skipped where the history is not there."""
    try:
        return set(git("ls-tree", "--name-only", "-r", NAME, *FOLDERS).decode().split())
    except NoHistory as reason:
        pytest.skip(f"what the release before has is not known: {reason}")


def test_the_release_before_is_one_that_this_one_comes_from() -> None:
    released()
    git("merge-base", "--is-ancestor", NAME, "HEAD")


def test_no_migration_that_was_released_has_changed() -> None:
    for name in released():
        assert (ROOT / name).read_bytes() == git("show", f"{NAME}:{name}"), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_migration_since_the_release_before_only_adds(folder: str) -> None:
    before = released()
    new = [path for path in sorted((ROOT / folder).glob("*.py")) if str(path.relative_to(ROOT)) not in before]
    assert squawk(sql_of(new)) == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("alter table files.owners drop column quota", "ban-drop-column"),
        ("alter table files.owners rename column quota to most", "renaming-column"),
        ("alter table files.owners add column most bigint not null", "adding-required-field"),
        ("alter table files.owners alter column quota set not null", "adding-not-nullable-field"),
        ("alter table files.owners alter column quota type numeric", "changing-column-type"),
        ("drop table files.owners", "ban-drop-table"),
        ("alter table files.owners rename to people", "renaming-table"),
        ("create index ix_owners_quota on files.owners (quota)", "require-concurrent-index-creation"),
        ("alter table files.owners add constraint ck_owners_many check (quota > 1)", "constraint-missing-not-valid"),
    ],
)
def test_one_that_does_not_only_add_is_found(statement: str, rule: str) -> None:
    (found,) = squawk(f"set local lock_timeout = '1s';\n{statement};")
    assert found.startswith(rule)
