"""A long cell says how far it is to a person, and nothing to a program."""

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

LOOP = """
from course_utils import progress
progress.EVERY = 0
for i in progress.track([1, 2], "squares"):
    print(i * i)
"""
TRAINING = """
import course_utils
course = course_utils.start()
import keras, numpy as np
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
shown = course.callbacks("a line")
model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=2, callbacks=shown, verbose=0)
model.fit(np.ones((8, 1)), np.ones((8, 1)), epochs=1, callbacks=shown, verbose=0)
None
"""


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def displayed(kernel, code, a_person_looks):
    """Return what the cell prints, and the texts that it displays in one place."""
    printed, shown, places = "", [], set()

    def hook(message):
        nonlocal printed
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind in ("display_data", "update_display_data"):
            places.add(content["transient"]["display_id"])
            shown.append(content["data"]["text/html"])
        assert kind != "error", content

    kernel.execute_interactive(
        code, allow_stdin=a_person_looks, output_hook=hook, timeout=300
    )
    return printed, shown, len(places)


def test_a_loop_shows_where_it_is_in_one_place_and_then_nothing(kernel):
    printed, shown, places = displayed(kernel, LOOP, a_person_looks=True)
    assert printed == "1\n4\n"
    assert places == 1
    assert "squares: 1 of 2" in shown[1]
    assert "squares: 2 of 2, about 0 s left" in shown[2]
    assert shown[-1] == ""


def test_a_training_shows_epochs_and_the_time_that_is_left(kernel):
    displayed(kernel, LOOP, a_person_looks=True)  # every update is shown from now on
    _, shown, places = displayed(kernel, TRAINING, a_person_looks=True)
    assert places == 2  # one for each training
    assert any("a line: epoch 2 of 2" in text and "left" in text for text in shown)
    assert shown[-1] == ""


@pytest.mark.parametrize("code", [LOOP, TRAINING], ids=["loop", "training"])
def test_a_program_that_executes_the_notebook_gets_no_trace(code):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, kernel_name="python3").execute()
    kinds = {output.output_type for output in notebook.cells[0].outputs}
    assert kinds == {"stream"}  # what is printed, and no display
