"""Diagrams of networks: the circles and arrows that are meant, and no others."""

import matplotlib.pyplot as plt
import pytest

from course_utils.plots import diagram, unrolled


@pytest.fixture
def panel():
    figure, panel = plt.subplots()
    yield panel
    plt.close(figure)


def test_an_unrolled_network_has_its_inputs_and_outputs():
    nodes, arrows = unrolled([1, 2], [2])
    assert set(nodes) == {"h_1", "h_2", "x_1", "x_2", "y_2"}
    assert set(arrows) == {
        ("h_1", "h_2"),
        ("x_1", "h_1"),
        ("x_2", "h_2"),
        ("h_2", "y_2"),
    }


def test_a_later_output_comes_after_steps_without_input():
    nodes, arrows = unrolled([1], [3])
    assert {"h_1", "h_2", "h_3"} <= set(nodes)
    assert ("h_2", "h_3") in arrows


def test_a_diagram_draws_every_circle_and_arrow(panel):
    nodes, arrows = unrolled([1, 2], [2])
    diagram(panel, nodes, arrows, "a network", back=[("y_2", "h_2")])
    drawn = [text for text in panel.texts if text.get_text()]
    assert {text.get_text() for text in drawn} == {f"${name}$" for name in nodes}
    assert len(panel.texts) - len(drawn) == len(arrows) + 1


def test_an_arrow_to_itself_is_a_loop_that_touches_its_circle(panel):
    diagram(panel, {"h": (0, 0)}, [("h", "h")], "a loop")
    circle, loop = panel.texts
    panel.figure.canvas.draw()
    box = circle.get_bbox_patch().get_window_extent()
    ends = loop.arrow_patch.get_window_extent()
    assert ends.y0 <= box.y1 < ends.y1
    assert box.x0 < ends.x0 < ends.x1 < box.x1
