"""Makes stored files anew: arrays of datasets, splits, and bundles; nothing that only a backup holds."""

import shutil
from pathlib import Path

from experiments import storage
from experiments.digests import ChangedFile, whole
from experiments.evaluation.splits import Split
from experiments.ingest.built_in import BUILT_IN
from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import prepare
from experiments.ingest.prepared import Prepared, digest_of, write_prepared
from experiments.models import Artifact, DatasetVersion, Experiment
from experiments.search.problems import ProblemsError
from experiments.services.bundles.bundles import make_bundle
from experiments.services.datasets.built_in import places
from experiments.services.datasets.preparation import source_of
from experiments.services.datasets.splits import other_split, split_of
from experiments.services.datasets.upload_files import limits
from experiments.services.site.stored_files import Hole


def repair(hole: Hole) -> str:
    """Make anew what a hole lacks and say so; empty where only a backup has it."""
    match hole.record:
        case DatasetVersion() as version if _remake_arrays(version):
            return f"Made the arrays of {version} anew."
        case str() as split_hash if remake_split(split_hash):
            return f"Made the split {split_hash[:12]} anew."
        case Artifact(kind=Artifact.Kind.BUNDLE) as bundle if make_bundle(bundle.trial_id):
            return f"Made the bundle of trial {bundle.trial.number} anew."
        case Path() as folder if folder.parent == storage.cuts_folder():
            shutil.rmtree(folder, ignore_errors=True)
            return f"Deleted the copy {storage.relative(folder)}: the next trial makes it anew."
    return ""


def remake_split(split_hash: str) -> bool:
    """Make a split again by the plan of an experiment that has it; whether they are the same."""
    experiments = Experiment.objects.filter(split_hash=split_hash)
    for experiment in experiments.select_related("dataset_version", "follows").order_by("pk"):
        try:
            split = _dealt(experiment)
        except (ProblemsError, OSError):
            continue
        if split.hash == split_hash:
            storage.save_split(split)
            return True
    return False


def _dealt(experiment: Experiment) -> Split:
    version, protocol = experiment.dataset_version, experiment.protocol
    search = experiment.follows
    if search is None or search.split_hash == experiment.split_hash:
        return split_of(version, protocol, experiment.seed)
    try:
        before = storage.load_split(search.split_hash)
    except ChangedFile:
        remake_split(search.split_hash)
        before = storage.load_split(search.split_hash)
    return other_split(version, protocol, before, experiment.seed)


def _remake_arrays(hole: DatasetVersion) -> bool:
    """From the source of a version that has these arrays; whether they are the same."""
    same = DatasetVersion.objects.filter(digest=hole.digest, state=DatasetVersion.State.READY)
    for version in same.select_related("dataset").order_by("pk"):
        try:
            prepared = _prepared(version)
        except (DataRefused, OSError, KeyError):
            continue
        if prepared is not None and digest_of(prepared) == version.digest:
            write_prepared(prepared, storage.data_dir() / "datasets")
            return True
    return False


def _prepared(version: DatasetVersion) -> Prepared | None:
    """What a version's source gives: a built-in dataset's files, or the file that was uploaded."""
    if version.dataset.built_in:
        return BUILT_IN[version.dataset.built_in].load(places())
    if not version.source_path:
        return None
    whole(storage.absolute(version.source_path), version.profile["source"]["sha256"])
    return prepare(source_of(version), version.profile["choice"], limits())
