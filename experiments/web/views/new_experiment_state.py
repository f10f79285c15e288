"""Room: web. What the new-experiment form carries beside the plan: token, draft's revision, origin."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from django.http import QueryDict

from experiments.search.reading import read_code
from experiments.web.forms import typed
from experiments.web.query_values import read_number

TICKED = ("metrics", "warm_experiments")


@dataclass(frozen=True, slots=True)
class FormState:
    """token: the code of the experiment-to-be, so that a form sent twice makes one experiment.

    picked: codes of the earlier searches that were ticked before anybody touched their list; None:
    they are still to be picked.
    """

    token: UUID
    revision: int = 0
    cloned_from: UUID | None = None
    picked: frozenset[str] | None = frozenset()

    @classmethod
    def from_post(cls, posted: dict[str, str]) -> "FormState":
        """Read it back; a script that sends none gets a fresh token."""
        return cls(
            token=read_code(posted.get("token", "")) or uuid4(),
            revision=read_number(posted.get("revision", "")) or 0,
            cloned_from=read_code(posted.get("cloned_from", "")),
            picked=read_picked(posted),
        )

    def at(self, revision: int) -> "FormState":
        """The same form, knowing of a newer draft."""
        return replace(self, revision=revision)

    def picking_again(self, posted: dict[str, str]) -> "FormState":
        """The same form, to pick anew for other data or another model, if nobody touched the ticks."""
        is_untouched = frozenset(typed.listed(posted.get("warm_experiments", ""))) == self.picked
        return replace(self, picked=None) if "warm_picked" in posted and is_untouched else self


def read_picked(posted: dict[str, str]) -> frozenset[str]:
    """Codes of the earlier searches that were ticked by default."""
    return frozenset(typed.listed(posted.get("warm_picked", "")))


def posted_fields(post: QueryDict) -> dict[str, str]:
    """The last value of each field; the ticks of one name joined to one list."""
    posted = {str(name): str(value) for name, value in post.items()}
    for name in TICKED:
        if name in posted:
            posted[name] = ", ".join(filter(None, map(str, post.getlist(name))))
    return posted
