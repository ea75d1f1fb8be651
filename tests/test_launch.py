"""The launcher: ranks find each other, are heard, and end together."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from course_utils.launch import RankError, launch

HEAD = """
import os, pathlib, signal, socket, subprocess, sys, time
rank = int(os.environ["KERAS_DISTRIBUTION_PROCESS_ID"])
here = pathlib.Path(__file__).parent
(here / f"pid_{rank}").write_text(str(os.getpid()))
"""
posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@pytest.fixture
def script(tmp_path):
    """Write a script whose ranks leave their process numbers beside it."""

    def write(body):
        path = tmp_path / "script.py"
        path.write_text(HEAD + body, encoding="utf-8")
        return path

    return write


def nobody_left(folder, ranks):
    files = [folder / f"pid_{name}" for name in ranks]
    numbers = [int(file.read_text()) for file in files if file.exists()]
    _, alive = psutil.wait_procs(
        [psutil.Process(n) for n in numbers if psutil.pid_exists(n)], timeout=10
    )
    return not alive


def test_each_rank_gets_its_number_and_its_arguments(script):
    path = script("""
print(rank, os.environ["KERAS_DISTRIBUTION_NUM_PROCESSES"], *sys.argv[1:])
print(os.environ["ADDED"], file=sys.stderr)
""")
    lines = launch(path, "a", 1.5, ranks=3, env={"ADDED": "é"}, echo=None)
    assert lines == [[f"{rank} 3 a 1.5", "é"] for rank in range(3)]


def test_all_ranks_get_one_address_and_rank_0_can_listen_there(script):
    path = script("""
address = os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"]
host, port = address.split(":")
if rank == 0:
    socket.create_server((host, int(port)))
print(address)
""")
    first, second = launch(path, echo=None)
    assert first == second
    assert first[0].startswith("127.0.0.1:")


def test_output_is_passed_on_while_a_rank_runs(script, tmp_path):
    path = script("""
print("begun")
while not (here / "heard").exists():
    time.sleep(0.01)
""")
    heard = []

    def echo(line):
        heard.append(line)
        (tmp_path / "heard").touch()  # only then does the script end

    launch(path, ranks=1, timeout=60, echo=echo)
    assert heard == ["[0] begun"]


def test_lines_go_to_print_by_default(script, capsys):
    launch(script('print("hello")'), ranks=2)
    assert sorted(capsys.readouterr().out.splitlines()) == ["[0] hello", "[1] hello"]


def test_if_one_fails_all_are_ended_and_the_error_says_who_and_why(script, tmp_path):
    path = script("""
if rank == 1:
    while not (here / "pid_0").exists():
        time.sleep(0.01)
    for i in range(20):
        print("line", i)
    raise OSError("no such shard")
time.sleep(600)
""")
    with pytest.raises(RankError) as caught:
        launch(path, echo=None, timeout=60)
    message = str(caught.value)
    assert message.startswith("Rank 1 of 2 ended with exit status 1; all ranks have")
    assert message.endswith("OSError: no such shard")
    assert "line 19" in message
    assert "line 2\n" not in message  # its last lines only
    assert nobody_left(tmp_path, [0, 1])


@posix
def test_a_rank_that_is_killed_is_named(script, tmp_path):
    path = script("""
if rank == 0:
    while not (here / "pid_1").exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(600)
""")
    with pytest.raises(RankError, match=r"Rank 0 of 2 was killed by SIGKILL.*nothing"):
        launch(path, echo=None, timeout=60)
    assert nobody_left(tmp_path, [0, 1])


def test_at_the_time_limit_all_are_ended_with_their_children(script, tmp_path):
    path = script("""
child = [sys.executable, "-c", "import time; time.sleep(600)"]
(here / f"pid_child_{rank}").write_text(str(subprocess.Popen(child).pid))
print("I wait")
time.sleep(600)
""")
    with pytest.raises(RankError, match="still running after 4 seconds") as caught:
        launch(path, echo=None, timeout=4)
    assert "I wait" in str(caught.value)
    assert nobody_left(tmp_path, [0, 1, "child_0", "child_1"])


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
def test_each_rank_has_one_core_and_they_share_them_out(script):
    cores = sorted(os.sched_getaffinity(0))
    path = script("time.sleep(0.1); print(*os.sched_getaffinity(0))")
    lines = launch(path, ranks=3, echo=None)
    assert lines == [[str(cores[rank % len(cores)])] for rank in range(3)]
    assert sorted(os.sched_getaffinity(0)) == cores


@posix
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_when_the_launcher_is_ended_its_ranks_are_ended(script, tmp_path, sent):
    path = script('print("ready"); time.sleep(600)')
    command = [sys.executable, "-m", "course_utils.launch", "2", str(path)]
    # A shell's background job ignores SIGINT, and so would all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
        try:
            for _ in range(2):
                assert launcher.stdout.readline().endswith("ready\n")
            launcher.send_signal(sent)
            assert launcher.wait(timeout=30) == 128 + sent
        finally:
            launcher.kill()
            signal.signal(signal.SIGINT, before)
    assert nobody_left(tmp_path, [0, 1])


def test_the_command_line_says_what_failed_and_ends_non_zero(script):
    path = script("sys.exit(3 if sys.argv[1:] == ['--bad'] else 0)")
    command = [sys.executable, "-m", "course_utils.launch", "--timeout", "60", "2"]
    good = subprocess.run([*command, path], capture_output=True, text=True)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    bad = subprocess.run([*command, path, "--bad"], capture_output=True, text=True)
    assert bad.returncode == 1
    assert "ended with exit status 3" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_bad_arguments_are_refused(tmp_path, script):
    with pytest.raises(ValueError, match="ranks must be at least 1, got 0"):
        launch(script(""), ranks=0)
    with pytest.raises(ValueError, match=r"script must be a Python file.*none\.py"):
        launch(tmp_path / "none.py")


def test_the_port_is_free_again_at_the_end(script):
    path = script("""
host, port = os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"].split(":")
server = socket.create_server((host, int(port)))
print(port)
""")
    [[port]] = launch(path, ranks=1, echo=None)
    socket.create_server(("127.0.0.1", int(port))).close()
