import pytest

from experiments.models import Experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


@pytest.mark.parametrize(
    ("kind", "unseen"),
    [
        ("holdout", {"folds": "1", "rounds": ""}),
        ("k_fold", {"rounds": "many", "validation_percent": ""}),
        ("subsampling", {"folds": ""}),
    ],
)
def test_what_another_split_would_ask_for_keeps_no_search_from_starting(
    client, address, version, kind, unseen
):
    """Its fields are not on the page, so nobody could mend them."""
    assert send(client, address, version, protocol_kind=kind, **unseen).status_code == 302
    assert Experiment.objects.get().protocol["kind"] == kind


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("k_fold", {"folds": "1"}),
        ("k_fold", {"folds": "21"}),
        ("k_fold", {"folds": ""}),
        ("k_fold", {"folds": "some"}),
        ("subsampling", {"rounds": "51"}),
        ("subsampling", {"validation_percent": ""}),
        ("holdout", {"validation_percent": "0"}),
    ],
)
def test_what_the_chosen_split_asks_for_is_checked(client, address, version, kind, fields):
    response = send(client, address, version, protocol_kind=kind, **fields)
    assert response.status_code == 422
    assert {error.field for error in response.context["page"].errors} == set(fields)
    assert not Experiment.objects.exists()


def test_another_split_chosen_for_a_while_keeps_what_was_typed(client, address, version):
    typed = {"folds": "4", "rounds": "7", "validation_percent": "33"}
    response = send(client, address, version, action="refresh", protocol_kind="k_fold", **typed)
    fields = response.context["page"].fields
    assert {name: fields[name].value for name in typed} == typed
