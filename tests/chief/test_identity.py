"""Who a script is: tokens, names, connections, ids."""

import pytest

from experiments.chief.refusals import Refused
from experiments.models import Script, Trial
from experiments.services.external.tokens import create_token, revoke_token
from tests.chief.scripts import Script as Caller
from tests.chief.scripts import connected
from tests.outside import SPACE, make_outside


def test_a_script_is_seen_while_it_asks(project, owner):
    _, one, other = connected(project, owner, names=("one", "other"))
    one.create()
    other.create()
    found = {each.name: (each.host, each.waits) for each in Script.objects.all()}
    assert found == {"one": ("127.0.0.1", False), "other": ("127.0.0.1", True)}


def test_ids_are_no_secret_shared_and_name_a_folder(project, owner):
    _, script = connected(project, owner, space=SPACE)
    trial = script.create()
    assert trial.trial_id.replace("_", "").isalnum() and len(trial.trial_id) > 30
    with pytest.raises(Refused) as refused:
        script.get(type(trial)(trial_id="0000_" + "0" * 32))
    assert refused.value.kind == "unknown trial"


@pytest.mark.parametrize(
    ("tuner_id", "words"),
    [
        ("tuner0", "TOKEN.NAME"),
        ("ts_no.name", "Unknown token"),
        ("{token}", "TOKEN.NAME"),
        ("{token}.", "TOKEN.NAME"),
        ("{token}.a/b", "TOKEN.NAME"),
        ("{project}.name", "a whole project"),
        ("{revoked}.name", "revoked"),
    ],
)
def test_an_id_that_opens_nothing_says_what_to_do(project, owner, tuner_id, words):
    experiment, script = connected(project, owner, space=SPACE)
    revoked = create_token(project, "old", by=owner, experiment=experiment)
    revoke_token(revoked.record, by=owner)
    script.tuner_id = tuner_id.format(
        token=script.tuner_id.partition(".")[0],
        project=create_token(project, "all", by=owner).text,
        revoked=revoked.text,
    )
    with pytest.raises(Refused, match=words) as refused:
        script.create()
    assert refused.value.kind == "token"
    assert not Trial.objects.exists()


def test_a_token_of_one_experiment_opens_no_other(project, owner):
    _, script = connected(project, owner, space=SPACE)
    other = make_outside(project, by=owner, name="Other")
    script.run()
    assert not other.trials.exists()


def test_before_it_said_who_it_is_a_connection_sees_nothing(project, owner):
    _, script = connected(project, owner, space=SPACE)
    script.run()
    stranger = Caller(script.handlers, "ts_" + "x" * 30)
    assert stranger.space() == ()
    with pytest.raises(Refused, match=r"tuner.search\(\)"):
        stranger.best()


def test_the_id_of_a_trial_is_a_whole_number_as_old_clients_read_it(project, owner):
    _, script = connected(project, owner)
    trial = script.create()
    number, _, key = trial.trial_id.partition("_")
    assert number == "0000" and int(trial.trial_id) == int(key)
    assert script.get(trial).trial_id == trial.trial_id
    for strange in ("0000", "0000_x", "0000_" + "9" * 60, "0000_" + "9" * 39):
        with pytest.raises(Refused) as refused:
            script.handlers.get_trial(strange, script.peer)
        assert refused.value.kind == "unknown trial"
