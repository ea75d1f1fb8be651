"""Ranks on Dask's workers: they find each other, train as one, and end together."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from dask.distributed import Client, LocalCluster

from course_utils.datasets.fetch import ROOT
from course_utils.ranks import RankError, run_ranks

WORKER = ROOT / "notebooks" / "scaling_out_worker.py"
CHARACTERS, STEPS = 7, 5
no_exchange = pytest.mark.skipif(
    os.name == "nt", reason="JAX has no exchange between processes on Windows"
)

# A rank that leaves the number of its process.
HEAD = """
import os, pathlib, signal, socket, time
here = pathlib.Path(__file__).parent
def train(rank, ranks, coordinator, **options):
    (here / f"pid_{rank}").write_text(str(os.getpid()))
"""


def local(workers):
    return Client(
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs="CRITICAL",
        )
    )


@pytest.fixture
def script(tmp_path):
    """Write a script of ranks, from the body of its function."""

    def write(body):
        path = tmp_path / "script.py"
        path.write_text(HEAD + body, encoding="utf-8")
        return path

    return write


def nobody_left(folder):
    numbers = [int(path.read_text()) for path in folder.glob("pid_*")]
    alive = [psutil.Process(n) for n in numbers if psutil.pid_exists(n)]
    return numbers and not psutil.wait_procs(alive, timeout=5)[1]


def test_each_rank_gets_its_number_and_its_options(script, tmp_path):
    path = script("    return rank, ranks, options")
    assert run_ranks(local(2), path, word="é") == [
        (r, 2, {"word": "é"}) for r in (0, 1)
    ]


def test_ranks_are_processes_that_end_and_rank_0_can_listen(script, tmp_path):
    path = script("""
    host, port = coordinator.rsplit(":", 1)
    if rank == 0:
        socket.create_server((host, int(port))).close()
    return coordinator, os.getpid()
""")
    (first, one), (second, other) = run_ranks(local(2), path)
    assert first == second
    assert first.startswith("127.0.0.1:")
    assert len({one, other, os.getpid()}) == 3
    assert nobody_left(tmp_path)


def test_if_one_fails_all_are_ended_and_the_error_says_who_and_why(script, tmp_path):
    path = script("""
    if rank == 1:
        while not (here / "pid_0").exists():
            time.sleep(0.01)
        raise FileNotFoundError("no shard_1.npy" + 900 * "!")
    time.sleep(600)
""")
    begin = time.monotonic()
    with pytest.raises(RankError) as caught:
        run_ranks(local(2), path)
    message = str(caught.value)
    assert message.startswith(
        "Rank 1 of 2, on 127.0.0.1, failed: FileNotFoundError: no shard_1.npy!"
    )
    assert message.endswith("The run has been ended.")
    assert len(message) < 500
    assert nobody_left(tmp_path)
    assert time.monotonic() - begin < 60


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_rank_that_is_killed_is_named_before_one_that_misses_it(script, tmp_path):
    path = script("""
    if rank == 0:
        while not (here / "pid_1").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    while not (here / "pid_0").exists():
        time.sleep(0.01)
    raise ConnectionError("rank 1 has lost another rank")
""")
    with pytest.raises(RankError, match=r"^Rank 0 of 2, on 127\.0\.0\.1, died"):
        run_ranks(local(2), path)
    assert nobody_left(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_ends_the_ranks(script, tmp_path):
    path = script("""
    if rank == 1:
        while not (here / "pid_0").exists():
            time.sleep(0.01)
        time.sleep(1)
        os.kill(options["client"], signal.SIGINT)
    time.sleep(600)
""")
    # A shell's background job begins with Ctrl-C ignored, and so do its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_ranks(local(2), path, client=os.getpid())
    finally:
        signal.signal(signal.SIGINT, before)
    assert nobody_left(tmp_path)


def test_too_many_ranks_are_refused_and_the_cluster_is_shut_down(script, monkeypatch):
    monkeypatch.setattr("course_utils.ranks.START_SECONDS", 1)
    client = local(1)
    with pytest.raises(asyncio.TimeoutError, match="Only 1/2 workers arrived after 1"):
        run_ranks(client, script("    pass"))
    assert client.status == "closed"
    with pytest.raises(ValueError, match="ranks must be at least 1, got 0"):
        run_ranks(client, script("    pass"), ranks=0)


# --- the training ---------------------------------------------------------------------


def write_rows(path, count, seed=0, characters=CHARACTERS):
    rows = np.random.default_rng(seed).integers(characters, size=(count, STEPS + 1))
    np.save(path, rows.astype("int32"))


def train(folder, name, ranks, rows="rows.npy", **options):
    given = {"characters": CHARACTERS, "units": 4, "batch_size": 8, "epochs": 2}
    return run_ranks(
        local(ranks),
        WORKER,
        ranks=ranks,
        rows=str(folder / rows),
        folder=str(folder / name),
        **given | {"one_core": True} | options,
    )


def apart(some, others):
    return max(
        np.abs(a - b).max()
        for a, b in zip(some["weights"], others["weights"], strict=True)
    )


@no_exchange
def test_two_ranks_train_as_one_process_and_go_on_after_a_death(tmp_path):
    write_rows(tmp_path / "rows.npy", 67)
    [one] = train(tmp_path, "one", 1)
    two = train(tmp_path, "two", 2, count=True)
    assert [rank["rows"] for rank in two] == [4, 4]
    assert [rank["left_out"] for rank in two] == [3, 3]
    assert two[0]["all_reduces"]["ours"] == {"outside": 1, "in_loops": 0}
    # one in Keras 3.15, three in the version for Python 3.10
    assert two[0]["all_reduces"]["keras"]["in_loops"] >= 1
    assert apart(two[0], two[1]) == 0
    assert apart(one, two[0]) < 1e-4
    # Rank 1 sees no checkpoint: rank 0 tells it what it holds.
    with pytest.raises(RankError, match=r"^Rank 1 of 2, on 127\.0\.0\.1, died: killed"):
        train(tmp_path, "killed_{rank}", 2, die_in_epoch=2)
    log = (tmp_path / "killed_1" / "rank_1.log").read_text()
    assert "epoch 1: loss" in log
    assert "epoch 2: loss" not in log
    assert not (tmp_path / "killed_1" / "checkpoint.npz").exists()
    again = train(tmp_path, "killed_{rank}", 2)
    assert [rank["done"] for rank in again] == [1, 1]
    assert [apart(rank, two[0]) for rank in again] == [0, 0]
    with pytest.raises(RankError, match=r"Rank 0.*checkpoint\.npz must be of the same"):
        train(tmp_path, "killed_{rank}", 2, units=3)


@no_exchange
def test_files_of_ones_own_are_read_wholly_and_agree(tmp_path):
    """With rank r's rows in file r, a step sees what one process sees in one file."""
    for rank in (0, 1):
        write_rows(tmp_path / f"shard_{rank}.npy", 34, seed=rank)
    two = train(tmp_path, "own", 2, rows="shard_{rank}.npy")
    assert [rank["left_out"] for rank in two] == [2, 2]  # 8 batches of 4 + 4 rows
    assert apart(*two) == 0
    write_rows(tmp_path / "shard_1.npy", 39)
    with pytest.raises(RankError, match="as many batches, at least 1, got 8, 9"):
        train(tmp_path, "unequal", 2, rows="shard_{rank}.npy")


@no_exchange
def test_a_number_that_is_no_character_is_refused(tmp_path):
    write_rows(tmp_path / "rows.npy", 8, characters=9)
    with pytest.raises(
        RankError, match="rows must hold numbers below 7, the number of"
    ):
        train(tmp_path, "one", 1)


READS = f"""
import runpy
import numpy as np
def train(rank, ranks, coordinator, rows):
    Rows = runpy.run_path({str(WORKER)!r})["Rows"]
    parts = [Rows(rows, 8, 99, rank, 2) for rank in (0, 1)]
    seen = []
    for epoch in (0, 1):
        for part in parts:
            part.reorder(epoch)
        batches = [[part[i] for i in range(len(part))] for part in parts]
        seen.append([[np.c_[x, y[:, -1:]] for x, y in part] for part in batches])
    return seen
"""


@pytest.mark.parametrize("own", [False, True], ids=["one file", "a file each"])
def test_each_row_is_read_by_one_rank_and_each_epoch_has_its_order(tmp_path, own):
    (tmp_path / "script.py").write_text(READS, encoding="utf-8")
    rows = np.arange(32 * 6, dtype="int32").reshape(32, 6) % 97
    if own:
        np.save(tmp_path / "rows_0.npy", rows[:16])
        np.save(tmp_path / "rows_1.npy", rows[16:])
    else:
        np.save(tmp_path / "rows.npy", rows)
    name = str(tmp_path / ("rows_{rank}.npy" if own else "rows.npy"))
    [seen] = run_ranks(local(1), tmp_path / "script.py", ranks=1, rows=name)
    epochs = np.array(seen)  # (epochs, ranks, batches, rows of a rank, steps + 1)
    assert epochs.shape == (2, 2, 4, 4, 6)
    for epoch in epochs:
        assert sorted(epoch.reshape(32, 6).tolist()) == sorted(rows.tolist())
    if own:
        assert sorted(epochs[0, 1].reshape(16, 6).tolist()) == sorted(
            rows[16:].tolist()
        )
    assert (epochs[0] != epochs[1]).any(axis=-1).mean() > 0.5


# --- two machines ---------------------------------------------------------------------

CLIENT = f"""
import json, sys
import numpy as np
from dask.distributed import Client
from course_utils.ranks import RankError, run_ranks
options = json.loads(sys.argv[1])
try:
    results = run_ranks(Client("tcp://10.9.0.1:8786"), {str(WORKER)!r}, **options)
except RankError as error:
    sys.exit(str(error))
np.savez(sys.argv[2], *results[0]["weights"])
"""


def may_make_machines():
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    if not all(map(shutil.which, ("unshare", "nsenter", "ip", "mount"))):
        return False
    return not subprocess.call(["unshare", "--net", "--uts", "--mount", "true"])


class Machine:
    """A network, a host name and an /etc/hosts of its own, as on another computer."""

    def __init__(self, number, folder):
        self.address = f"10.9.0.{number + 1}"
        self.started = []
        everything = ["--net", "--uts", "--mount"]
        self.holder = subprocess.Popen(["unshare", *everything, "sleep", "1000"])
        here = Path("/proc/self/ns/net").readlink()
        theirs = Path(f"/proc/{self.holder.pid}/ns/net")
        while theirs.readlink() == here:
            time.sleep(0.01)
        # As Debian writes it: the name of a machine means the machine itself.
        hosts = folder / f"hosts_{number}"
        hosts.write_text(f"127.0.0.1 localhost\n127.0.1.1 node{number}\n")
        self.run("hostname", f"node{number}")
        self.run("mount", "--bind", hosts, "/etc/hosts")
        self.run("ip", "link", "set", "lo", "up")

    def inside(self, command):
        spaces = ["--net", "--uts", "--mount"]
        return ["nsenter", "-t", str(self.holder.pid), *spaces, *map(str, command)]

    def run(self, *command):
        subprocess.run(self.inside(command), check=True)

    def start(self, *arguments, **options):
        command = self.inside([sys.executable, *arguments])
        self.started.append(subprocess.Popen(command, text=True, **options))
        return self.started[-1]

    def end(self):
        for process in [*self.started, self.holder]:
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path):
    """Join two machines by a cable; remove them at the end."""
    made = []
    try:
        for number in (0, 1):
            made.append(Machine(number, tmp_path))
        zero, one = (str(machine.holder.pid) for machine in made)
        end, other = ["cable", "netns", zero], ["name", "cable", "netns", one]
        pair = [*end, "type", "veth", "peer", *other]
        subprocess.run(["ip", "link", "add", *pair], check=True)
        for machine in made:
            whole = f"{machine.address}/24"
            machine.run("ip", "address", "add", whole, "dev", "cable")
            machine.run("ip", "link", "set", "cable", "up")
        yield made
    finally:
        for machine in made:
            machine.end()


def train_on(machines, folder, name, **options):
    """Start Dask on both machines, and a client on the first; return the client."""
    given = {"rows": str(folder / "rows.npy"), "folder": str(folder / "two")}
    options = given | {"characters": CHARACTERS, "units": 4, "batch_size": 8} | options
    env = os.environ | {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s"}
    log = (folder / "dask.log").open("a")
    quiet = {"env": env, "stdout": log, "stderr": log}
    zero = machines[0]
    at = ["--host", zero.address, "--port", "8786", "--no-dashboard"]
    zero.start("-m", "dask", "scheduler", *at, **quiet)
    for machine in machines:
        alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        where = ["--host", machine.address, "--death-timeout", "30"]
        scheduler = f"tcp://{zero.address}:8786"
        machine.start("-m", "dask", "worker", scheduler, *alone, *where, **quiet)
    arguments = ["-c", CLIENT, json.dumps(options), str(folder / f"{name}.npz")]
    return zero.start(*arguments, env=env, stdout=log, stderr=subprocess.PIPE)


def all_end(machines, within):
    """Wait until nothing runs any more, on both machines."""
    last = time.monotonic() + within
    for machine in machines:
        for process in machine.started:
            process.wait(max(0, last - time.monotonic()))
        machine.started.clear()


# JAX 0.6, of Python 3.10, takes no time-out for silence: its own is 100 seconds.
SILENCE = 10 if sys.version_info >= (3, 11) else 100


@pytest.mark.skipif(not may_make_machines(), reason="needs Linux, root and unshare")
def test_two_machines_train_as_one_process_and_survive_a_cut_cable(machines, tmp_path):
    write_rows(tmp_path / "rows.npy", 8 * 400)
    [one] = train(tmp_path, "one", 1, epochs=3)
    client = train_on(machines, tmp_path, "whole", epochs=3)
    assert client.wait(240) == 0, client.stderr.read()
    all_end(machines, within=60)
    with np.load(tmp_path / "whole.npz") as saved:
        whole = {"weights": list(saved.values())}
    assert apart(one, whole) < 1e-3
    shutil.rmtree(tmp_path / "two")

    limits = {"epochs": 3, "silence_seconds": SILENCE}
    client = train_on(machines, tmp_path, "cut", **limits)
    logs = [tmp_path / "two" / f"rank_{rank}.log" for rank in (0, 1)]
    while not (logs[1].exists() and "epoch 1:" in logs[1].read_text()):
        assert client.poll() is None, client.stderr.read()
        time.sleep(0.01)
    machines[0].run("ip", "link", "set", "cable", "down")
    all_end(machines, within=SILENCE + 30)
    told = client.stderr.read()
    assert re.match(r"Rank \d of 2, on 10\.9\.0\.\d, (died: killed, or|failed:) ", told)
    for log in logs:  # each side says why it ends, in words of JAX or ours
        assert re.search("Terminating process because|lost another", log.read_text())

    machines[0].run("ip", "link", "set", "cable", "up")
    client = train_on(machines, tmp_path, "again", **limits)
    assert client.wait(240) == 0, client.stderr.read()
    all_end(machines, within=60)
    assert "epoch 1:" in logs[0].read_text()
    with np.load(tmp_path / "again.npz") as saved:
        assert apart({"weights": list(saved.values())}, whole) == 0
