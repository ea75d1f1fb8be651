"""The lessons name no backend: one with recurrent layers passes its checks on JAX."""

import nbformat
from conftest import ROOT
from nbformat.v4 import new_code_cell

from keeper.execute import execute


def test_a_lesson_runs_on_jax(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    name = "06_simple_rnn.ipynb"
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    notebook.cells.append(new_code_cell("keras.config.backend()"))
    nbformat.write(notebook, tmp_path / name)
    done = execute(tmp_path / name)
    assert done.error is None
    assert done.notebook.cells[-1].outputs[0].data["text/plain"] == "'jax'"
