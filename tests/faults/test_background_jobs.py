"""Background jobs whose worker is killed are taken up again by the next one."""

import pytest
from django.contrib.auth.models import Permission, User

from experiments.models import BackgroundJob, HyperModelVersion, Worker
from experiments.services.code.versions import add_code

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300), pytest.mark.both_databases]

SLOW = """
import time
import keras

time.sleep(3)


def build(hp):
    model = keras.Sequential([keras.layers.Dense(hp.Int("units", 8, 16), activation="relu")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
"""


def test_a_reading_that_was_interrupted_is_taken_up_again(house, project):
    author = User.objects.create_user("author")
    author.user_permissions.add(Permission.objects.get(codename="add_code"))
    version = add_code(project, "Slow", SLOW, by=User.objects.get(pk=author.pk))
    house.start("housekeeping", "housekeeping")
    house.start("short", "short_worker")
    house.wait(
        "a worker reads", lambda: BackgroundJob.objects.exclude(worker="").exists(), seconds=60
    )
    house.kill("short")
    # As if its last heartbeat were long ago.
    Worker.objects.filter(kind=Worker.Kind.SHORT).update(heartbeat="2020-01-01T00:00:00Z")
    house.start("short", "short_worker")
    house.wait(
        "it is read",
        lambda: HyperModelVersion.objects.get(pk=version.pk).reading["state"] == "read",
        seconds=120,
    )
    house.wait("nothing is left", lambda: not BackgroundJob.objects.exists(), seconds=10)
