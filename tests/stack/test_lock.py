"""One start command a data folder."""

import os
import subprocess
import sys

import pytest

from experiments.stack.lock import AlreadyServed, lock_data_folder


def test_a_second_start_is_refused_in_one_sentence_while_the_first_lives(tmp_path):
    held = lock_data_folder(tmp_path)
    with pytest.raises(
        AlreadyServed, match=f"is already running on .* \\(process {os.getpid()}\\)"
    ):
        lock_data_folder(tmp_path)
    held.file.close()
    lock_data_folder(tmp_path).file.close()


def test_a_start_waits_for_the_children_of_one_that_crashed(tmp_path):
    # The crashed holder is dead, its child inherited the lock and ends in half a second.
    script = (
        "import subprocess, sys; from pathlib import Path;"
        "from experiments.stack.lock import lock_data_folder;"
        "lock = lock_data_folder(Path(sys.argv[1]));"
        "subprocess.Popen(['sleep', '0.7'], pass_fds=[lock.descriptor])"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    lock_data_folder(tmp_path).file.close()


def test_a_start_gives_up_on_children_that_stay(tmp_path):
    script = (
        "import subprocess, sys; from pathlib import Path;"
        "from experiments.stack.lock import lock_data_folder;"
        "lock = lock_data_folder(Path(sys.argv[1]));"
        "print(subprocess.Popen(['sleep', '60'], pass_fds=[lock.descriptor], stdout=2).pid)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, stdout=subprocess.PIPE
    )
    with pytest.raises(AlreadyServed):
        lock_data_folder(tmp_path, leftovers_seconds=0.3)
    os.kill(int(said.stdout), 9)
