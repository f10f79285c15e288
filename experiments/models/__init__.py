"""Every record; the one `__init__` that re-exports."""

from experiments.models.activity import Activity
from experiments.models.background_job import BackgroundJob
from experiments.models.code_fetch import CodeFetch
from experiments.models.dataset import Dataset, DatasetVersion
from experiments.models.execution import Artifact, Execution
from experiments.models.experiment import Experiment, Place, Purpose, SpaceVersion, WarmStart
from experiments.models.external import AccessToken, Script
from experiments.models.finding import Finding
from experiments.models.hypermodel import HyperModel, HyperModelVersion
from experiments.models.preflight import Preflight
from experiments.models.project import Draft, Membership, Project, Role
from experiments.models.queued import QueuedConfiguration
from experiments.models.report import Report, ReportSnapshot
from experiments.models.reveal import Reveal, RevealedRows
from experiments.models.saved_view import SavedView
from experiments.models.trial import Attempt, PruningDecision, Trial
from experiments.models.worker import Worker

__all__ = [
    "AccessToken",
    "Activity",
    "Artifact",
    "Attempt",
    "BackgroundJob",
    "CodeFetch",
    "Dataset",
    "DatasetVersion",
    "Draft",
    "Execution",
    "Experiment",
    "Finding",
    "HyperModel",
    "HyperModelVersion",
    "Membership",
    "Place",
    "Preflight",
    "Project",
    "PruningDecision",
    "Purpose",
    "QueuedConfiguration",
    "Report",
    "ReportSnapshot",
    "Reveal",
    "RevealedRows",
    "Role",
    "SavedView",
    "Script",
    "SpaceVersion",
    "Trial",
    "WarmStart",
    "Worker",
]
