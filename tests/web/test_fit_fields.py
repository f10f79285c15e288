"""Early stopping and the learning rate, from the form to the experiment and back into a clone."""

import pytest
from django.urls import reverse

from experiments.models import Experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")
PLATEAU = {
    "rate": "plateau",
    "rate_monitor": "val_loss",
    "rate_factor": "0.3",
    "rate_patience": "4",
    "rate_cooldown": "2",
    "rate_min_lr": "1e-5",
}
CYCLE = {"rate": "one_cycle", "peak_percent": "40", "div_factor": "10"}
STOPPING = {
    "early_stopping": "1",
    "patience": "7",
    "monitor": "val_loss",
    "mode": "min",
    "baseline": "0.4",
    "start_from_epoch": "2",
}


def test_every_argument_is_stored_shown_and_cloned(client, address, version):
    assert send(client, address, version, **STOPPING, **PLATEAU, on_nan="stop").status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    fit = experiment.plan["fit"]
    assert fit == experiment.fit.to_dict()
    assert (fit["early_stopping_patience"], fit["early_stopping_baseline"]) == (7, 0.4)
    assert (fit["early_stopping_monitor"], fit["early_stopping_start_from_epoch"]) == (
        "val_loss",
        2,
    )
    assert (fit["reduce_lr"]["factor"], fit["reduce_lr"]["min_lr"]) == (0.3, 1e-5)
    assert (fit["schedule"], fit["on_nan"]) == (None, "stop")

    page = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    for words in (
        "patience 7 epochs, monitor val_loss, mode min (lower is better), baseline 0.4",
        "LR factor 0.3, LR patience 4 epochs",
        "LR cooldown 2 epochs",
        "stop at the last finite epoch",
    ):
        assert words in page
    clone = client.get(reverse("experiments:clone", args=[experiment.code])).context["page"].fields
    typed = STOPPING | PLATEAU | {"rate_min_lr": "1e-05", "on_nan": "stop"}
    assert {name: clone[name].value for name in typed} == typed


def test_a_schedule_keeps_what_it_asks_for(client, address, version):
    assert send(client, address, version, **CYCLE, rate_factor="many").status_code == 302
    fit = Experiment.objects.get(purpose="search").plan["fit"]
    assert (fit["schedule"]["kind"], fit["schedule"]["peak_share"]) == ("one_cycle", 0.4)
    assert fit["reduce_lr"] is None
    page = client.get(
        reverse("experiments:protocol", args=[Experiment.objects.get(purpose="search").code])
    )
    assert "one cycle" in page.content.decode()


def test_a_constant_rate_is_the_default_and_early_stopping_can_be_off(client, address, version):
    assert send(client, address, version, early_stopping="", baseline="low").status_code == 302
    fit = Experiment.objects.get(purpose="search").plan["fit"]
    assert (fit["schedule"], fit["reduce_lr"]) == (None, None)
    assert (fit["early_stopping_patience"], fit["early_stopping_baseline"]) == (None, None)


@pytest.mark.parametrize(("sampler", "patience"), [("grid", None), ("random", 5)])
def test_usual_early_stopping_follows_the_strategy(client, address, version, sampler, patience):
    sent = send(client, address, version, sampler=sampler, early_stopping="usual", patience="9")
    assert sent.status_code == 302
    experiment = Experiment.objects.get(purpose="search")
    assert experiment.fit.early_stopping_patience == patience
    clone = client.get(reverse("experiments:clone", args=[experiment.code])).context["page"].fields
    assert clone["early_stopping"].value == "usual"


def test_a_new_form_offers_what_is_usual(client, address, version):
    assert client.get(address).context["page"].fields["early_stopping"].value == "usual"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"monitor": "val_mae", "early_stopping": "1"}, "monitor"),
        ({"mode": "min", "early_stopping": "1"}, "mode"),  # of the accuracy
        ({"baseline": "low", "early_stopping": "1"}, "baseline"),
        ({"rate": "plateau", "rate_min_lr": "1"}, "rate_min_lr"),
        ({"rate": "plateau", "rate_factor": ""}, "rate_factor"),
        ({"rate": "warmup_cosine", "warmup_epochs": "5000"}, "warmup_epochs"),
        ({"rate": "one_cycle", "peak_percent": "140"}, "peak_percent"),
        ({"rate": "saw"}, "rate"),
        ({"on_nan": "hope"}, "on_nan"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client, address, version, fields, field):
    response = send(client, address, version, **fields)
    assert response.status_code == 422
    page = response.context["page"]
    assert [error.field for error in page.errors] == [field]
    page_fields = [each for name in ("stopping", "rate") for each in page.groups[name].fields]
    assert any(each.error for each in [*page_fields, page.fields["on_nan"]])
    assert not Experiment.objects.exists()
