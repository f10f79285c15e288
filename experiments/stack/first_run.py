"""Prepares a data folder: key, database, static files, administrator, samples."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from experiments import storage
from experiments.services.site.accounts import create_first_administrator
from experiments.stack import bundle, samples
from experiments.stack.progress import StartRefused, say, step


def ensure_secret_key(data_dir: Path) -> None:
    """Write a random key that only this user can read, unless SECRET_KEY or the file gives one."""
    # Django refuses to hand out an empty key, so the sources are asked instead of the setting.
    if os.environ.get("SECRET_KEY") or (data_dir / "secret_key").exists():
        return
    key = secrets.token_urlsafe(50)
    # O_EXCL and the mode at creation: at no moment can another user read it.
    descriptor = os.open(data_dir / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{key}\n")
    settings.SECRET_KEY = key


def prepare_database() -> str:
    """Apply the migrations that wait; return in words what was done."""
    try:
        executor = MigrationExecutor(connection)
        loader = executor.loader
        if (
            loader.replacements.keys() - loader.graph.nodes.keys()
        ):  # some of the replaced were applied
            raise StartRefused(
                "The database is older than version 0.1.0. Start version 0.1.0 once, then this one."
            )
        waiting = executor.migration_plan(loader.graph.leaf_nodes())
        if not waiting:
            return "up to date"
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise StartRefused(_database_fault(f"{error}".strip().splitlines()[0])) from error
    return f"{len(waiting)} migrations applied"


def _database_fault(reason: str) -> str:
    if connection.vendor == "sqlite":
        return (
            f"The database {connection.settings_dict['NAME']} can't be used: {reason}. "
            "Make it readable and writable, or set DATA_DIR to another folder."
        )
    return (
        f"The database doesn't respond: {reason}. Check DATABASE_URL and whether the server runs."
    )


def prepare_static_files() -> str:
    """Collect the static files under hashed names, unless none has changed since."""
    if not (settings.BASE_DIR / "static" / "vendor" / "icons.svg").exists():
        raise StartRefused("The static packages are not installed. Run `make static`.")
    try:
        bundle.ensure(settings.BASE_DIR)
    except bundle.BundleError as error:
        raise StartRefused(str(error)) from error
    stamp_file = Path(settings.STATIC_ROOT) / ".collected"
    stamp = _static_stamp()
    if stamp_file.exists() and stamp_file.read_text(encoding="utf-8") == stamp:
        return "up to date"
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp_file.write_text(stamp, encoding="utf-8")
    return "collected"


def _static_stamp() -> str:
    """Names, sizes and times of every source file: reading 3 MB at each start would be slower."""
    digest = hashlib.sha256()
    for path in _static_sources():
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _static_sources() -> Iterator[Path]:
    # What is collected, and the storage that names it. Compiled Python comes and goes by itself.
    for folder in (*dict(settings.STATICFILES_DIRS).values(), settings.BASE_DIR / "tuning_site"):
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        yield from sorted(path for path in files if path.suffix != ".pyc")


def ensure_people() -> str | None:
    """Create the first administrator; return the password that is shown once, or None."""
    created = create_first_administrator()
    return created[1] if created else None


def prepare(data_dir: Path) -> None:
    """Every step in its order, each with a line."""
    ensure_secret_key(data_dir)
    storage.lock_key()
    with step("Database") as outcome:
        outcome.append(prepare_database())
    with step("Static files") as outcome:
        outcome.append(prepare_static_files())
    with step("First administrator") as outcome:
        password = ensure_people()
        outcome.append("created" if password else "there")
    # At once: whatever stops the steps below, the next start couldn't say it again.
    if password:
        say(
            f"\n  Sign in as admin with the password {password}\n  The password is shown "
            "only once.\n"
        )
    samples.load_samples()
    if samples.begin_first_project() is not None:
        say(f"  First experiment … {samples.FIRST_EXPERIMENT}")
    connection.close()
