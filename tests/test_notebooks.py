"""The form of the notebooks: what every lesson, also one to come, must keep to."""

import ast
import re
import statistics
from itertools import pairwise

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = ROOT / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
ALLOWED_TAGS = {"parameters", "check", "recorded", "nbval-ignore-output"}
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
NETWORK_MODULES = {"requests", "urllib", "urllib3", "http", "socket", "ftplib", "pooch"}
DEPRECATED = (
    r"input_length|fit_generator|keras\.preprocessing|[\"']acc[\"']"
    r"|(?<!\.weights)\.h5\b"
)
MAX_LINES, MAX_COLUMNS = 25, 88


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def text_of(outputs):
    """All text of a cell's outputs, images left out."""
    parts = []
    for output in outputs:
        parts.append(output.get("text", ""))
        data = output.get("data", {})
        parts += [data[kind] for kind in data if kind.startswith("text/")]
    return "\n".join(parts)


def headings(notebook):
    """(level, title) of every heading, code fences left out."""
    text = "\n\n".join(cell.source for cell in markdown_cells(notebook))
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = re.findall(r"^(#+) (.+)$", text, flags=re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def test_there_are_lessons_numbered_without_a_gap():
    numbers = [int(path.name[:2]) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 3


def test_the_file_is_valid_and_says_nothing_of_the_machine(path, notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert path.read_text(encoding="utf-8").endswith("\n")


def test_it_was_executed_in_order_from_a_clean_kernel(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_nothing_failed_and_nothing_was_written_to_stderr(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source


@pytest.mark.parametrize(
    "trace",
    [
        r"0x[0-9a-f]{6,}",  # addresses of objects
        r"(^|[\s'\"(])(/(home|root|tmp|usr|work|Users|var)/|[A-Z]:\\)",
        r"\w*Warning\b",
        r"━|█|\d+/\d+ \[|it/s",  # progress bars
        r"\b\d+(\.\d+)? ?(ms|µs|seconds|s/epoch|s/step)\b",
    ],
)
def test_outputs_hold_no_trace_of_one_run(notebook, trace):
    for cell in code_cells(notebook):
        found = re.search(trace, text_of(cell.outputs), flags=re.MULTILINE)
        assert not found, f"{found[0]!r} in the output of:\n{cell.source}"


def test_the_first_output_names_the_profile(notebook):
    first = next(cell for cell in code_cells(notebook) if cell.outputs)
    assert text_of(first.outputs).startswith("Profile: quick")


def test_there_is_one_parameters_cell(notebook):
    cells = [cell for cell in code_cells(notebook) if "parameters" in tags(cell)]
    assert [cell.source for cell in cells] == ['COURSE_PROFILE = "quick"']


def test_only_known_tags_are_used(notebook):
    for cell in notebook.cells:
        assert tags(cell) <= ALLOWED_TAGS
        assert cell.cell_type == "code" or not tags(cell)


def test_most_outputs_are_compared(notebook):
    with_output = [cell for cell in code_cells(notebook) if cell.outputs]
    ignored = [cell for cell in with_output if "nbval-ignore-output" in tags(cell)]
    assert len(ignored) <= 0.2 * len(with_output)


def test_an_ignored_output_is_followed_by_a_check(notebook):
    cells = code_cells(notebook)
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        if "nbval-ignore-output" in tags(cell):
            assert following is not None, cell.source
            assert "check" in tags(following), cell.source
            assert "Checked: " in text_of(following.outputs), cell.source


def test_a_check_cell_checks_and_prints(notebook):
    for cell in code_cells(notebook):
        if "check" in tags(cell):
            words = {"check": "Checked: ", "recorded": "Recorded: "}
            for function, word in words.items():
                calls = re.search(rf"\b{function}\(", cell.source) is not None
                assert calls == (word in text_of(cell.outputs)), cell.source
            assert text_of(cell.outputs).startswith(tuple(words.values())), cell.source


def test_code_cells_are_short(notebook):
    lengths = []
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        lengths.append(len(lines))
        assert len(lines) <= MAX_LINES, cell.source
        assert max(map(len, lines)) <= MAX_COLUMNS, cell.source
    assert statistics.median(lengths) <= 8


def test_prose_stands_before_code(notebook):
    """Two code cells in a row need a reason: the second checks, or starts."""
    plumbing = {"check", "parameters"}
    for cell, following in pairwise(notebook.cells):
        if cell.cell_type == following.cell_type == "code":
            assert tags(following) & plumbing or tags(cell) & plumbing, following.source


def test_one_h1_then_headings_in_order(notebook):
    levels = [level for level, _ in headings(notebook)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_contract_stands_first(notebook):
    contract = notebook.cells[0]
    assert contract.cell_type == "markdown"
    assert contract.source.startswith("# ")
    for part in ("**You will**", "**You need**", "**Time:**"):
        assert part in contract.source
    assert re.search(r"\*\*Time:\*\* \d+ minutes", contract.source)


def test_a_recap_stands_last(notebook):
    titles = [title for level, title in headings(notebook) if level == 2]
    assert titles[-1] == "Recap and next"
    end = markdown_cells(notebook)
    text = "\n".join(cell.source for cell in end[-4:])
    assert "**Try it**" in text


def test_every_cell_has_a_slide_type_and_there_are_enough_slides(path, notebook):
    kinds = [
        cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells
    ]
    assert set(kinds) <= SLIDE_TYPES
    slides = sum(kind in {"slide", "subslide"} for kind in kinds)
    time = re.search(r"\*\*Time:\*\* (\d+) minutes", notebook.cells[0].source)
    # a short lesson has at most 25, a long one at most one for every two minutes
    most = max(25, int(time[1]) / 2) if time else 25
    assert 15 <= slides <= most or path.name.startswith("00")
    assert "notes" in kinds


def test_plots_have_labelled_axes_and_a_title(notebook):
    for cell in code_cells(notebook):
        images = [o for o in cell.outputs if "image/png" in o.get("data", {})]
        if images and "training_curves(" not in cell.source:
            assert re.search(r"(\b|set_|sup)xlabel", cell.source), cell.source
            assert re.search(r"(\b|set_|sup)ylabel", cell.source), cell.source
            assert re.search(r"(\b|set_|sup)title", cell.source), cell.source


def test_no_cell_uses_the_network_or_one_backend_by_name(notebook):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            modules = {name.split(".")[0] for name in names}
            assert not modules & NETWORK_MODULES, cell.source
            assert not modules & {"tensorflow", "jax", "torch"}, cell.source


def test_nothing_deprecated_is_used(notebook):
    for cell in code_cells(notebook):
        assert not re.search(DEPRECATED, cell.source), cell.source


def test_links_to_files_lead_somewhere(path, notebook):
    for cell in markdown_cells(notebook):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", cell.source):
            if "://" not in target:
                assert (path.parent / target).exists(), target
