"""Whether arrays and splits are what their digests say; where they aren't, what to do about it, in words."""

from experiments import storage
from experiments.digests import (
    ChangedFile,
    check_folder,
    checked,
    sums_of,
)
from experiments.ingest.prepared import digest_of, read_prepared, write_all_sums
from experiments.models import DatasetVersion
from experiments.services.datasets.splits import split_columns

SHOWN = 12  # characters of a digest
ROWS = ".rows.npy"
REPAIR = "“manage.py verify --repair”"


def check_data(version: DatasetVersion, split_hash: str) -> None:
    """Check all that trials read: a version's arrays and the rows of a split. Raises ChangedFile."""
    check_version(version)
    storage.check_split(split_hash)


def check_version(version: DatasetVersion) -> None:
    """Check a version's arrays, its own test part's and the keys of its rows. Raises ChangedFile."""
    folder = storage.dataset_folder(version.digest)
    if not folder.is_dir():
        raise ChangedFile(folder, version.digest)
    if not sums_of(folder):
        _add_sums(version)
    for each in (
        folder,
        storage.own_test_folder(version.digest),
        storage.keys_folder(version.digest),
    ):
        check_folder(each)


def digest_now(version: DatasetVersion) -> str:
    """What a version's digest would be of the arrays as they are; empty where they are no dataset."""
    folder = storage.dataset_folder(version.digest)
    try:
        return digest_of(read_prepared(folder, split_columns(version.profile)))
    except (OSError, EOFError, ValueError, KeyError):
        return ""


def _add_sums(version: DatasetVersion) -> None:
    """Of a version that was prepared before there were sums. Raises ChangedFile."""
    folder = storage.dataset_folder(version.digest)
    found = digest_now(version)
    if found != version.digest:
        raise ChangedFile(folder, version.digest, found)
    write_all_sums(folder)


def check_path(name: str) -> None:
    """Check a file that was found changed, by its path below the data folder. Raises ChangedFile."""
    path = storage.absolute(name)
    if path.parent == storage.split_file("").resolve().parent:
        storage.load_split(path.name.split(".")[0])
    elif path.name.endswith(ROWS):
        checked(path.with_name(path.name.removesuffix(ROWS)), f"../{path.name}")
    elif path.suffix:
        checked(path.parent, path.name)


def in_words(changed: ChangedFile) -> str:
    """Say which file it is, what was expected and found, and how to restore it."""
    name = storage.relative(changed.path)
    folder, _, rest = name.partition("/")
    about, fix = f"The file {name}", "Restore it from a backup of the data folder."
    if folder == "splits":
        about = f"The split {rest[:SHOWN]} (file {name})"
        fix = f"Run {REPAIR}, which deals its rows again, or restore it from a backup."
    elif folder == "datasets":
        version = _version_of(rest)
        if version is not None:
            held = changed.path.name if "/" in rest or rest.endswith(ROWS) else "folder"
            about = f"The {held} of {version.dataset.name} v{version.number} (file {name})"
            if can_be_remade(version):
                fix = f"Run {REPAIR}, which makes it anew, or restore it from a backup."
    if not changed.found:
        return f"{about} is missing. {fix}"
    expected = f"SHA-256 {changed.expected[:SHOWN]} expected, " if changed.expected else ""
    return f"{about} has changed: {expected}{changed.found[:SHOWN]} found. {fix}"


def can_be_remade(version: DatasetVersion) -> bool:
    """Whether its arrays can be made anew: of a built-in dataset, or from the file that was uploaded."""
    return bool(version.dataset.built_in or version.source_path)


def _version_of(rest: str) -> DatasetVersion | None:
    """Whose arrays a path below `datasets/` belongs to; of several the first."""
    digest = rest.split("/")[0].split(".")[0]
    found = DatasetVersion.objects.filter(digest=digest).select_related("dataset")
    return found.order_by("pk").first()
