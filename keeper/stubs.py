"""The student's version of an exercise: its solutions taken out.

A source notebook under ``notebooks/exercises/solutions`` holds, for each task, a cell
with a function whose body stands between nbgrader's solution marks, and a cell that
checks it.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path

import nbformat

from course_utils.datasets.fetch import ROOT
from course_utils.question_bank import BANK, Question
from course_utils.unseen import ANSWERS
from keeper.roles import fold

STUDENT = ROOT / "notebooks" / "exercises"
SOLUTIONS = STUDENT / "solutions"
RIGHT = ROOT / "tests" / "right_answers.yaml"
WRONG = ROOT / "tests" / "wrong_answers"

# nbgrader's marks, and what it puts in their place.
REGION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$",
    re.DOTALL | re.MULTILINE,
)
MARKS = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
OTHERS = ("check", "hunt")  # students write the check, or look for faults
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


def student_version(source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of a source notebook with a stub in place of each solution.

    Raises:
        ValueError: if a solution cell has no marks, or marks stand elsewhere.
    """
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":  # who changes a solution may have run it
            cell.outputs, cell.execution_count = [], None
        is_solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        faulty = cell.metadata.pop("faulty", None)  # a bug hunt
        stub = _stub if faulty is None else faulty.replace("\\", r"\\")
        cell.source, regions = REGION.subn(stub, cell.source)
        if is_solution != (regions == 1) or "SOLUTION" in cell.source:
            raise ValueError(
                "a cell that is marked as a solution, and no other, must hold one "
                f"region ### BEGIN SOLUTION … ### END SOLUTION: {cell.source[:60]!r}"
            )
    return notebook


def write_all() -> list[Path]:
    """Write students' versions, and the answers of the checks; return the paths."""
    ANSWERS.write_text(answers(), encoding="utf-8", newline="\n")
    paths = [ANSWERS]
    for source in sorted(SOLUTIONS.glob("*.ipynb")):
        path = STUDENT / source.name
        notebook = fold(nbformat.read(source, as_version=4))
        nbformat.write(student_version(notebook), path)
        paths.append(path)
    for lesson in BANK:
        path = STUDENT / f"questions_{lesson}.ipynb"
        nbformat.write(questions_of(lesson), path)
        paths.append(path)
    return paths


def questions_of(lesson: str) -> nbformat.NotebookNode:
    """Return the notebook of a lesson's questions: a prose and a code cell for each."""
    new = nbformat.v4
    [path] = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    title = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0][2:]
    text = (
        f"# Questions: {title[0].lower()}{title[1:]}\n\n"
        f"Think before you answer: the reply to a wrong choice is the number that it "
        f"would\ngive.\n\n**You need**: [lesson {lesson}](../{path.name}).\n\n"
        f"**Time:** {2 * len(BANK[lesson])} minutes."
    )
    code = (
        "from course_utils.questions import questions\n\n"
        f'answer = questions("{lesson}")'
    )
    cells = [new.new_markdown_cell(text), new.new_code_cell(code)]
    for number, question in enumerate(BANK[lesson], start=1):
        cells += question_cells(number, question)
    for place, cell in enumerate(cells):
        cell.id = f"q{lesson}-{place:03d}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return new.new_notebook(cells=cells, metadata=metadata)


def question_cells(number: int, question: Question) -> list[nbformat.NotebookNode]:
    """Return a question, with its choices, and the cell that answers it."""
    choices = "\n".join(
        f"- **{letter}** {choice.text}"
        for letter, choice in zip("abcdef", question.choices, strict=False)
    )
    return [
        nbformat.v4.new_markdown_cell(
            f"## Question {number}\n{question.text}\n\n{choices}"
        ),
        nbformat.v4.new_code_cell(f'answer({number}, "")'),
    ]


def _stub(region: re.Match[str]) -> str:
    return "\n".join(region[1] + line for line in STUB)


def answers() -> str:
    """Return the file that checks compare with: solutions and wrong answers, as JSON.

    It holds, by the beginning of the notebook's name, the imports that the solutions
    need, the function of each task, right answers that are written in another way, and
    wrong answers with the hint that each must get.
    """
    import yaml  # a student's machine may have none

    found = {}
    right = yaml.safe_load(RIGHT.read_text("utf-8"))
    for path in [*judged(), *sorted(SOLUTIONS.glob("hunt_*.ipynb"))]:
        notebook = nbformat.read(path, as_version=4)
        kinds = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
        cells = list(zip(notebook.cells, kinds, strict=True))
        tasks = {
            kind["grade_id"]: MARKS.sub("", cell.source)
            for cell, kind in cells
            if kind.get("solution")
        }
        used = {
            node.id
            for source in tasks.values()
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Name)
        }
        imports = [
            ast.unparse(ast.copy_location(_only(node, used), node))
            for cell, kind in cells
            if cell.cell_type == "code" and not kind.get("grade")
            for node in ast.parse(cell.source).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
            and _only(node, used).names
        ]
        answers_of = WRONG / f"{path.stem}.yaml"
        wrong = yaml.safe_load(answers_of.read_text("utf-8"))
        of = beginning(path.stem)
        found[of] = {
            "imports": "\n".join(imports),
            "tasks": tasks,
            "right": right.get(of, {}),
            "wrong": wrong,
            "faulty": {
                kind["grade_id"]: REGION.sub(
                    cell.metadata["faulty"].replace("\\", r"\\"), cell.source
                )
                for cell, kind in cells
                if "faulty" in cell.metadata
            },
        }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def judged() -> list[Path]:
    """Return the exercises of the lessons and the projects: functions with checks."""
    return [
        p for p in sorted(SOLUTIONS.glob("*.ipynb")) if not p.stem.startswith(OTHERS)
    ]


def beginning(stem: str) -> str:
    """Return the part of a notebook's name that names it: ``03`` or ``project_1``."""
    return "_".join(stem.split("_")[: 1 if stem[0].isdigit() else 2])


def _only(
    node: ast.Import | ast.ImportFrom, used: set[str]
) -> ast.Import | ast.ImportFrom:
    """Return an import of no more names than are used."""
    names = [name for name in node.names if (name.asname or name.name) in used]
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)
