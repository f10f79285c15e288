"""Named views: kept for the team, one of a name, written over by their owner alone."""

import pytest

from experiments.models import SavedView
from experiments.services.experiments.saved_views import NotAllowed, delete_view, save_view
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


@pytest.fixture
def experiment(project):
    return make_experiment(project, trials=1)


def test_a_view_is_kept_and_written_over_by_its_owner(experiment, owner, editor):
    save_view(experiment, "  Big   nets ", "?filter=units+%3E+200", by=owner)
    view = save_view(experiment, "Big nets", "filter=units+%3E+300", by=owner)
    assert experiment.saved_views.get() == view
    assert (view.name, view.query, view.owner) == ("Big nets", "filter=units+%3E+300", owner)
    with pytest.raises(NotAllowed, match=f"{owner.username} has a view"):
        save_view(experiment, "Big nets", "", by=editor)
    delete_view(view, by=editor)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [(" ", "", "needs a name"), ("x" * 61, "", "at most 60"), ("x", "y" * 4001, "too long")],
)
def test_what_cannot_be_kept_is_refused_in_words(experiment, owner, name, query, says):
    with pytest.raises(NotAllowed, match=says):
        save_view(experiment, name, query, by=owner)
