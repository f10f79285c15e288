"""Reports: what a trial's bundle holds and how its last self-test went. Imports models."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from experiments.models import Artifact

LABELS = {
    "model.keras": "Keras",
    "saved_model": "SavedModel",
    "model.tflite": "TensorFlow Lite",
    "model.onnx": "ONNX",
}


@dataclass(frozen=True, slots=True)
class FormatLine:
    """One format. why_not: a sentence when the bundle lacks it, and then there are no bytes.

    difference: the largest of its predictions from those of .keras, over the bundle's sample rows.
    """

    name: str
    label: str
    bytes: int | None
    difference: float | None
    why_not: str

    @property
    def difference_words(self) -> str:
        """The difference as its power of ten is read: 3e-08."""
        return "none" if not self.difference else f"{self.difference:.0e}"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The last self-test of a bundle: what it said, line by line."""

    passed: bool
    lines: tuple[str, ...]
    tested: datetime | None


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """A bundle that is made. formats: none for one from before they were recorded."""

    bytes: int
    formats: tuple[FormatLine, ...]
    self_test: SelfTest | None

    @property
    def absent(self) -> tuple[FormatLine, ...]:
        """Formats that this model can't have."""
        return tuple(line for line in self.formats if line.why_not)


def bundle_files(artifacts: Iterable[Artifact]) -> BundleFiles | None:
    """Shape the newest bundle among a trial's artifacts; None: nobody has asked for one."""
    bundles = [each for each in artifacts if each.kind == Artifact.Kind.BUNDLE]
    if not bundles:
        return None
    newest = max(bundles, key=lambda artifact: artifact.pk)
    formats = tuple(
        FormatLine(
            name=name,
            label=LABELS[name],
            bytes=about.get("bytes"),
            difference=about.get("difference"),
            why_not=about.get("why_not", ""),
        )
        for name in LABELS
        if (about := newest.formats.get(name)) is not None
    )
    return BundleFiles(newest.bytes, formats, _self_test(newest))


def _self_test(artifact: Artifact) -> SelfTest | None:
    found = artifact.self_test
    if not found:
        return None
    tested = found.get("tested")
    return SelfTest(
        passed=bool(found["passed"]),
        lines=tuple(found["lines"]),
        tested=datetime.fromisoformat(tested) if tested else None,
    )
