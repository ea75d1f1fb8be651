"""What was measured, as tables of the documents: built from the records alone."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils.datasets.fetch import ROOT
from course_utils.profiles import PUBLISHED, Settings
from course_utils.results import RESULTS, over_seeds, read_results

README = ROOT / "README.md"
# The documents, and the names of the blocks in them that are written from records.
DOCUMENTS = {
    README: ("telling",),
    ROOT / "docs" / "benchmarks.md": ("ratios", "course", "experiments"),
    ROOT / "data" / "README.md": ("weather_card",),
    ROOT / "docs" / "teaching.md": ("server",),
    ROOT / "docs" / "reliability.md": ("kills", "fuzz", "opened", "suite"),
}

# The sections of results/benchmarks.json, in the order of the lessons, and what each
# compares. The script of a section is benchmarks/<section>.py.
SECTIONS = {
    "one_hot": "one-hot vectors",
    "hashing": "hashed counts",
    "glove_reader": "reading GloVe",
    "bptt": "BPTT in NumPy",
    "imdb": "film reviews",
    "imdb_pytorch": "film reviews",
    "windows": "weather, windows",
    "weather_gru": "weather, GRU",
    "weather_pytorch": "weather, GRU",
    "char_loss": "to a given loss",
    "generation": "writing",
    "growth": "how costs grow",
    "make_run": "all lessons",
    "make_test": "all tests",
    "server": "a shared server",
}
# They take as long as all others together, so they are measured when they are named.
ON_REQUEST = {"make_test", "server"}

# Why another way is as fast as ours or faster: a pair whose ratio is below 1 needs one.
REASONS = {
    ("one_hot", "one_hot, words", "the lecture's loop"): (
        "Nearly all the time goes into the memory of the zeros, which both need."
    ),
}

# What README and web edition show of the ratios, in words.
TELLING = {
    (
        "generation",
        "400 characters, state carried",
        "the window read again by predict for each",
    ): (
        "as fast: text is written with the state carried, not read again for each "
        "character."
    ),
    ("glove_reader", "read_glove", "gensim's loader"): (
        "as fast as gensim: the word vectors that a lesson needs are read."
    ),
    ("bptt", "all phrases together", "one phrase at a time"): (
        "as fast: a network in NumPy learns from all phrases together, not one by one."
    ),
}


class Row(NamedTuple):
    """One figure of a lecture beside ours.

    Attributes:
        lesson: its number.
        what: the figure.
        published: names in ``PUBLISHED``: none, one, or the two ends of a range.
        ours: one value for each seed, or a single count.
        why: what explains the difference.
        digits: decimals that are shown.
        unit: the published figure, by its name, that the others are divided by.
    """

    lesson: str
    what: str
    published: Sequence[str]
    ours: Sequence[float]
    why: str
    digits: int = 3
    unit: str = ""


def ratios() -> list[list[str]]:
    """Return the rows of the table of ratios, the heading first.

    A ratio is the time of the other way divided by ours: above 1, ours is faster.
    """
    rows = [["what", "our way", "against", "ratio", "least to most", "memory"]]
    for section, pair in pairs():
        memory = ""
        if "megabytes_ours" in pair:
            memory = f"{pair['megabytes_ours']} / {pair['megabytes_theirs']} MB"
        span = f"{_short(pair['ratio_min'])} to {_short(pair['ratio_max'])}"
        rows.append(
            [
                SECTIONS[section],
                pair["ours"],
                pair["theirs"],
                _short(pair["ratio"]),
                span,
                memory,
            ]
        )
    return rows


def pairs() -> list[tuple[str, dict[str, Any]]]:
    """Return every recorded pair with the name of its section, in order."""
    record = read_results("benchmarks")
    return [
        (section, pair)
        for section in SECTIONS
        for pair in record.get(section, {}).get("pairs", [])
    ]


def without_reason() -> list[tuple[str, str, str]]:
    """Return the pairs whose ratio is below 1 and that ``REASONS`` does not explain."""
    slower = [(name, p["ours"], p["theirs"]) for name, p in pairs() if p["ratio"] < 1]
    return [key for key in slower if key not in REASONS]


def experiments() -> list[Row]:
    """Return every experiment of the lecture profile, published and ours."""
    return [row for part in _PARTS for row in part()]


def published(row: Row) -> str:
    """Return the published figure or range, as it is shown."""
    digits = row.digits if row.unit or not row.digits else None  # else: as published
    return (
        " to ".join(
            f"{value:,}" if digits is None else _figure(value, digits)
            for value in _published(row)
        )
        or "–"
    )


def ours(row: Row) -> str:
    """Return our mean and, of several seeds, the smallest and the largest."""
    figures = [_figure(value, row.digits) for value in row.ours]
    if len(figures) == 1:
        return figures[0]
    mean = _figure(statistics.mean(row.ours), row.digits)
    least, most = (_figure(end(row.ours), row.digits) for end in (min, max))
    return f"{mean} ({least} to {most}, {len(figures)} seeds)"


def difference(row: Row) -> str:
    """Return our mean minus the published figure, or minus the nearer end of a range.

    Between the two ends there is no difference.
    """
    if not row.published:
        return ""
    values = _published(row)
    mean = statistics.mean(row.ours)
    nearest = min(max(mean, min(values)), max(values))
    text = f"{mean - nearest:+,.{row.digits}f}"
    return "0" if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def blocks() -> dict[str, Callable[[], str]]:
    """Return what writes each block, by the name in its markers."""
    return {
        "telling": _telling,
        "ratios": _ratios,
        "course": _course,
        "experiments": _experiments,
        "server": _server,
        "weather_card": _weather_card,
        "kills": _kills,
        "fuzz": _fuzz,
        "opened": _opened,
        "suite": _suite,
    }


def render(text: str, names: Sequence[str]) -> str:
    """Return the text of a document with its blocks written anew.

    Args:
        text: holds a pair of markers for each block.
        names: of the blocks.

    Raises:
        ValueError: if a marker is missing.
    """
    for name in names:
        begin, end = f"<!-- {name}: written by make tables -->", f"<!-- /{name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"the text must hold the markers {begin} and {end}")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n\n{blocks()[name]()}\n\n{end}{rest.split(end)[1]}"
    return text


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; the first row is the heading."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def _ratios() -> str:
    """Say where pairs were measured, the ratios, and why a slower way is slower."""
    slow = [(name, p["ours"], p["theirs"]) for name, p in pairs() if p["ratio_min"] < 1]
    reasons = [
        f"- *{key[1]}*, against *{key[2]}*: {REASONS[key]}"
        for key in slow
        if key in REASONS
    ]
    parts = [_machines(), markdown(ratios()), "\n".join(reasons)]
    return "\n\n".join(filter(None, parts))


def telling() -> list[tuple[str, str]]:
    """Return three ratios of the record, and what each says."""
    found = {(name, p["ours"], p["theirs"]): p["ratio"] for name, p in pairs()}
    return [(_short(found[key]), text) for key, text in TELLING.items()]


def _telling() -> str:
    """Write the three ratios."""
    return "\n".join(f"- **{ratio} times** {text}" for ratio, text in telling())


def _weather_card() -> str:
    """Write the measures of the simulated and of the real station."""
    card = read_results("weather_card")
    rows = [["measure", "simulated", "Jena 2020", "ratio", "scatter", "why not nearer"]]
    for name, ours in card["simulated"].items():
        real, scatter = card["jena_2020"][name], card["scatter"][name]
        numbers = (f"{value:.3g}" for value in (ours, real, ours / real, scatter))
        rows.append([name, *numbers, card["why_not"].get(name, "")])
    return markdown(rows)


def _experiments() -> str:
    """Write the table of the published figures and ours."""
    heading = ["lesson", "figure", "published", "ours", "difference", "why"]
    rows = [
        [row.lesson, row.what, published(row), ours(row), difference(row), row.why]
        for row in experiments()
    ]
    return markdown([heading, *rows])


def _machines() -> str:
    """Say where the pairs were measured; once, if it was one machine."""
    by_machine: dict[str, list[str]] = {}
    for section, record in read_results("benchmarks").items():
        if "pairs" in record:
            machine = record["machine"]
            packages = machine["packages"]
            versions = [f"{name} {packages[name]}" for name in sorted(packages)]
            text = (
                f"{machine['processor']}, {machine['cores']} cores, "
                f"{machine['system']}, Python {machine['python']}, "
                f"{', '.join(versions)}"
            )
            by_machine.setdefault(text, []).append(section)
    if len(by_machine) == 1:
        return f"Measured on {next(iter(by_machine))}."
    return "\n".join(
        f"- {', '.join(sections)}: {machine}."
        for machine, sections in by_machine.items()
    )


def _course() -> str:
    """Say how long the lessons and the tests take."""
    record = read_results("benchmarks")
    parts = []
    if run := record.get("make_run"):
        lessons = run["lessons"]
        slow = max(lessons, key=lambda name: lessons[name]["seconds"])
        large = max(lessons, key=lambda name: lessons[name]["megabytes"])
        parts.append(
            f"`make run` executes {len(lessons)} lessons in {run['seconds']:.0f} s, "
            f"two at a time. There, {slow} is the slowest, with "
            f"{lessons[slow]['seconds']:.0f} s, and {large} takes the most memory, "
            f"{lessons[large]['megabytes']:,} MB."
        )
    if test := record.get("make_test"):
        parts.append(f"`make test` takes {test['seconds']:.0f} s.")
    return "\n".join(parts) or "Not measured yet."


def _server() -> str:
    """Say what an idle JupyterLab and several kernels at once need."""
    record = read_results("benchmarks").get("server")
    if not record:
        return "Not measured yet."
    idle = record["idle"]
    rows = [["kernels at once", "memory of all", "the first is done", "the last"]]
    for run in record["kernels"]:
        first, last = (
            f"after {run[key]} s" for key in ("seconds_first", "seconds_last")
        )
        rows.append([str(run["kernels"]), f"{run['gigabytes']} GB", first, last])
    return (
        f"Measured on {record['machine']['cores']} cores and {record['total_gb']} GB "
        f"({record['machine']['processor']}): an idle `make lab` answers after "
        f"{idle['seconds']} s and takes {idle['megabytes']} MB. Kernels that execute "
        f"lesson 07 (`quick`) at once need:\n\n{markdown(rows)}"
    )


def _kills() -> str:
    """Say how the trainings ended that were killed."""
    record = read_results("killed_trainings")
    kills, writing = sum(record["kills"].values()), record["kills"]["while writing"]
    trainings, same = record["trainings"], record["same_weights_and_history"]
    return (
        f"{kills} kills with SIGKILL, {writing} of them as soon as a state was seen "
        f"being written and the others at random moments, met {trainings} trainings of "
        f"{record['epochs']} epochs. {same} of these {trainings} ended with the "
        "weights and the history of a training that was left alone, number by number."
    )


def _fuzz() -> str:
    """Say what the readers did with damaged files."""
    record = read_results("damaged_files")
    heading = ["reader", "files", "read", "refused", "other errors", "deaths"]
    heading += ["longest message", "peak memory"]
    rows = [
        [
            name,
            *(f"{r[key]:,}" for key in ("files", "results", "data_errors")),
            *(str(r[key]) for key in ("failures", "deaths")),
            f"{r['longest_message']} characters",
            f"{r['peak_mb']} MB",
        ]
        for name, r in record["readers"].items()
    ]
    return (
        f"{record['files']:,} files, each made from a valid one by chance: cut, bytes "
        "changed, lines lost or doubled, huge cells, other encodings, packed in the "
        f"wrong way.\n\n{markdown([heading, *rows])}"
    )


def _opened() -> str:
    """Say what came of opening every notebook in a browser."""
    if not (RESULTS / "opened_notebooks.json").exists():
        return "Not measured yet."
    errors = read_results("opened_notebooks")["errors"]
    lessons = [name for name in errors if "/" not in name]
    whole = sum(not errors[name] for name in lessons)
    others = [name for name in errors if "/" in name]
    hints = sum(errors[name] == ["Hint"] for name in others)
    return (
        f"In one go, all {len(errors)} notebooks were opened in Chromium, a cell of "
        "each was written in, all its cells were run, and it was saved. "
        f"{whole} of the {len(lessons)} lessons ran to their end, and {hints} of the "
        f"{len(others)} exercises to the hint of their first task. `git status` named "
        "no file after any of them; `git pull` then brought a new version of each, and "
        "what was written stayed."
    )


def _suite() -> str:
    """Say how the runs of all tests under hard conditions ended."""
    if not (RESULTS / "tests_under_load.json").exists():
        return "Not measured yet."
    heading = ["Python", "order of the files", "busy processes beside it", "minutes"]
    heading += ["passed", "skipped", "failed"]
    rows = [
        [
            run["python"],
            f"seed {run['seed']}",
            str(run["busy_processes"]),
            f"{run['minutes']:.0f}",
            *(f"{run.get(key, 0):,}" for key in ("passed", "skipped", "failed")),
        ]
        for run in read_results("tests_under_load")["runs"]
    ]
    return (
        "`make test` on two cores, its files in random order, from a checkout that "
        "cannot be written, with the network cut, beside processes that keep the cores "
        "busy:"
        f"\n\n{markdown([heading, *rows])}"
    )


def _words_in_vectors() -> list[Row]:
    flatten = over_seeds(read_results("03_word_embeddings"), "Flatten", "val_accuracy")
    few = [
        run
        for run in read_results("04_pretrained_glove")["runs"]
        if (run["model"], run["samples"]) == ("network", 200)
    ]

    def last(runs: list[dict]) -> list[float]:
        return [run["history"]["val_accuracy"][-1] for run in runs]

    return [
        Row(
            "03",
            "reviews, embedding of the last words: validation accuracy",
            ["embedding_val_accuracy"],
            flatten[:, -1].tolist(),
            "unknown words are left out here, and marked there",
        ),
        Row(
            "04",
            "few reviews, frozen GloVe: validation accuracy",
            ["glove_low", "glove_high"],
            last([run for run in few if run["start"] == "glove"]),
            "our vectors are shorter, and scaled to length 1",
        ),
        Row(
            "04",
            "the same, without GloVe",
            ["without_glove"],
            last([run for run in few if run["start"] == "none"]),
            "other reviews train: the seed chooses them",
        ),
    ]


def _phrases() -> list[Row]:
    record = read_results("05_rnn_from_scratch")
    batch_size = Settings("rnn_phrases", "record").batch_size
    ways = {
        "one phrase at a time, wrong, clipped": "one at a time, the lecture's slip",
        "one phrase at a time, right, clipped": "one at a time, no slip",
        "batches, right": f"batches of {batch_size}, no slip",
        "all together, right": "all in one batch, no slip",
    }
    languages = {"en": "English", "ru": "Russian", "bg": "Bulgarian"}
    return [
        Row(
            "05",
            f"{name} phrases, {how}: test accuracy",
            [],
            over_seeds(record, f"{way}, {language}", "test_accuracy").tolist(),
            "the lecture shows no accuracy; its phrases are others",
        )
        for way, how in ways.items()
        for language, name in languages.items()
    ]


def _reviews() -> list[Row]:
    simple, gated, both = (
        read_results(name)
        for name in ("06_simple_rnn", "07_lstm_and_gru", "08_bidirectional_rnn")
    )
    settings = Settings("simple_rnn", "lecture")
    uneven = "validation accuracy is uneven: seeds and epochs differ by as much"

    def row(lesson: str, what: str, names: list[str], found: Iterable[float]) -> Row:
        what = f"reviews, {what}"
        return Row(lesson, what, names, [*found], uneven if names else "")

    def epochs(record: dict, name: str) -> np.ndarray:
        return over_seeds(record, name, "val_accuracy")  # (seeds, epochs)

    best, last = (f"validation accuracy, {which} epoch" for which in ("best", "last"))
    lstm, gru = (epochs(gated, f"{kind} on reviews") for kind in ("LSTM", "GRU"))

    return [
        Row(
            "06",
            "parameters up to `SimpleRNN`",
            ["simple_rnn_parameters"],
            [over_seeds(simple, "SimpleRNN", "parameters")[0] - settings.units - 1],
            "",
            digits=0,
        ),
        row(
            "06",
            f"SimpleRNN: {last}",
            ["simple_rnn_low", "simple_rnn_high"],
            epochs(simple, "SimpleRNN")[:, -1],
        ),
        row("07", f"LSTM: {best}", ["imdb_lstm_best"], lstm.max(axis=1)),
        row("07", f"LSTM: {last}", ["imdb_lstm_last"], lstm[:, -1]),
        row("07", f"GRU: {best}", [], gru.max(axis=1)),
        row(
            "08",
            f"LSTM reversed: {best}",
            ["reversed_low", "reversed_high"],
            both["reversed"]["best_val_accuracy"]["values"],
        ),
        row(
            "08",
            f"LSTM in both directions: {best}",
            ["bidirectional_low", "bidirectional_high"],
            both["bidirectional"]["best_val_accuracy"]["values"],
        ),
    ]


def _weather() -> list[Row]:
    record = read_results("09_weather_gru")
    naive = "weather_naive_standardized"

    def by_naive(contest: str, model: str) -> list[float]:
        runs = [run[contest] for run in record["runs"].values()]
        return [run[model]["validation"] / run["as now"]["validation"] for run in runs]

    def row(what: str, model: str, contest: str, why: str) -> Row:
        ratios = by_naive(contest, model)
        published = f"weather_{model.lower()}_best"
        return Row("09", what, [published], ratios, why, digits=2, unit=naive)

    an_hour_more = over_seeds(record, "naive of the real year", "rows 150")[0]
    one_year = "the lecture has eight years; this one, 2020, trains on January to June"
    rows = [
        Row(
            "09",
            "weather, naive forecast of 150 rows: °C",
            ["weather_naive"],
            [an_hour_more],
            "the year 2020 here, eight other years there",
            digits=2,
        )
    ]
    rows += [
        row(f"weather, {model}: best error / naive error", model, contest, why)
        for model, contest, why in (
            ("GRU", "real year", one_year),
            ("dropout", "real year", one_year),
            ("stacked", "real year", one_year),
            ("reversed", "directions", "two years of a simulated station"),
        )
    ]
    return rows


def _characters() -> list[Row]:
    long_runs = read_results("10_long_runs")
    record, homework = read_results("10_char_lstm"), long_runs["novel"]
    settings = Settings("char_lstm", "lecture")
    windows = len(range(0, homework["characters"] - settings.maxlen, settings.step))
    best = min(range(len(homework["loss"])), key=homework["val_loss"].__getitem__)

    def nats(name: str) -> list[float]:
        return (over_seeds(record, "bits", name) * np.log(2)).tolist()

    counts = nats("Kneser–Ney counts")[:1]  # no seed changes them
    epochs = over_seeds(record, "settings of char_lstm_every_position", "epochs")[0]
    return [
        Row(
            "10",
            "characters of the novel",
            ["homework_characters"],
            [homework["characters"]],
            "",
            digits=0,
        ),
        Row("10", "its windows", ["homework_windows"], [windows], "", digits=0),
        Row(
            "10",
            f"the homework: training loss, epoch {len(homework['loss'])}, nats",
            ["homework_loss"],
            [homework["loss"][-1]],
            "here the last tenth of the novel is held out",
        ),
        Row(
            "10",
            f"the same: held-out loss at its best, epoch {best + 1}",
            [],
            [homework["val_loss"][best]],
            "",
        ),
        Row(
            "10",
            f"a target at every position, {epochs} epochs: held-out loss",
            [],
            nats("a target at every position, the state carried"),
            "",
        ),
        Row("10", "Kneser–Ney counts: held-out loss", [], counts, ""),
        Row(
            "10",
            "512 units, 16 epochs: held-out loss",
            [],
            [long_runs["large"]["held_out"]],
            "",
        ),
    ]


def _recipes() -> list[Row]:
    record = read_results("11_word_lstm_recipes")
    others = "other recipes: the lecture's are not at hand without an account"
    losses = [
        Row(
            "11",
            f"recipes: loss, epoch {epoch}",
            [f"word_lstm_loss_{epoch}"],
            over_seeds(record, f"the lecture's model, epoch {epoch}", "loss").tolist(),
            others,
            digits=2,
        )
        for epoch in (1, 2, 3, 4)
    ]
    parameters = over_seeds(record, "the lecture's model", "parameters").tolist()
    return [
        Row(
            "11",
            "parameters of the model of words",
            ["word_lstm_parameters"],
            parameters[:1],
            "",
            digits=0,
        ),
        *losses,
    ]


_PARTS: list[Callable[[], list[Row]]] = [
    _words_in_vectors,
    _phrases,
    _reviews,
    _weather,
    _characters,
    _recipes,
]


def _published(row: Row) -> list[float]:
    unit = PUBLISHED[row.unit].value if row.unit else 1
    return [PUBLISHED[name].value / unit for name in row.published]


def _figure(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _short(ratio: float) -> str:
    return f"{ratio:,.{0 if ratio >= 10 else 1 if ratio >= 2 else 2}f}"
