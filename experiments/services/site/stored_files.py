"""Holes: records whose files are missing or hold something else. Orphans: files without a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments import storage
from experiments.changed_files import artifact_file, in_words
from experiments.digests import ChangedFile, check_folder, whole
from experiments.models import Artifact, DatasetVersion, Execution, Experiment, Trial
from experiments.services.datasets.cuts import check_cut
from experiments.services.datasets.stored_data import check_all, digest_now
from experiments.services.site import sweep

NEEDED = (Trial.State.WAITING, Trial.State.PAUSED)  # trials that go on from a checkpoint


@dataclass(frozen=True, slots=True)
class Hole:
    """What isn't whole. record: whose file it is; a cut's is its folder, a split's its hash."""

    record: DatasetVersion | Artifact | Execution | Path | str
    words: str


def holes() -> Iterator[Hole]:
    """Everything that isn't what its record says, in the order in which it can be restored."""
    for check in (_datasets, _splits, _cuts, _artifacts, _checkpoints):
        yield from check()


def orphans(border: float) -> list[Path]:
    """Files that no record names and that were last written before that time."""
    return [*sweep.orphans(border), *_strange_data(border)]


def versions() -> Iterator[DatasetVersion]:
    """One version of each digest."""
    seen = set()
    ready = DatasetVersion.objects.filter(state=DatasetVersion.State.READY).exclude(digest="")
    for version in ready.select_related("dataset").order_by("pk"):
        if version.digest not in seen:
            seen.add(version.digest)
            yield version


def _datasets() -> Iterator[Hole]:
    for version in versions():
        try:
            check_all(version)
            found = digest_now(version)
            if found != version.digest:  # its sums have changed too
                raise ChangedFile(storage.dataset_folder(version.digest), version.digest, found)
        except ChangedFile as changed:
            yield Hole(version, in_words(changed))
        yield from _upload(version)


def _upload(version: DatasetVersion) -> Iterator[Hole]:
    expected = version.profile.get("source", {}).get("sha256", "")
    if version.source_path and expected:
        try:
            whole(storage.absolute(version.source_path), expected)
        except ChangedFile as changed:
            yield Hole(storage.absolute(version.source_path), in_words(changed))


def _splits() -> Iterator[Hole]:
    hashes = set(Experiment.objects.values_list("split_hash", flat=True))
    hashes |= set(Trial.objects.values_list("split_hash", flat=True))
    for split_hash in sorted(hashes - {""}):
        try:
            storage.load_split(split_hash)
        except ChangedFile as changed:
            yield Hole(split_hash, in_words(changed))


def _cuts() -> Iterator[Hole]:
    for folder in sorted(storage.cuts_folder().glob("[!.]*")):
        try:
            check_cut(folder)
        except ChangedFile as changed:
            yield Hole(folder, in_words(changed))


def _artifacts() -> Iterator[Hole]:
    for artifact in Artifact.objects.select_related("trial__experiment").iterator():
        try:
            artifact_file(artifact)
        except ChangedFile as changed:
            about = f"experiment “{artifact.trial.experiment.name}”"
            yield Hole(artifact, f"{in_words(changed)} ({about})")


def _checkpoints() -> Iterator[Hole]:
    """Those that a later attempt needs."""
    kept = Execution.objects.exclude(checkpoint_path="").filter(trial__state__in=NEEDED)
    for execution in kept.select_related("trial"):
        folder = storage.absolute(execution.checkpoint_path)
        try:
            if not folder.is_dir():
                raise ChangedFile(folder, "")
            check_folder(folder)
        except ChangedFile as changed:
            yield Hole(execution, in_words(changed))


def _strange_data(border: float) -> list[Path]:
    """Arrays of no version: a project's that was deleted, or newer than a restored database."""
    known = set(DatasetVersion.objects.values_list("digest", flat=True))
    folders = (storage.data_dir() / "datasets").glob("[!.]*")
    return [
        path
        for path in folders
        if path.name.split(".")[0] not in known and sweep.is_old(path, border)
    ]
