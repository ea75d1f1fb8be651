"""How Sphinx builds the web edition: committed outputs, and nothing from a network."""

from docutils import nodes
from latex2mathml.converter import convert

project = "Text and recurrent networks with Keras"
html_title = project
language = "en"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["_static"]

nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show, nb_code_prompt_hide = "Show the code", "Hide the code"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_favicon = "_static/favicon.svg"
html_extra_path = ["_extra"]
html_copy_source = html_show_sourcelink = False
html_show_copyright = False
# A summary of what is found is asked for by a request, which a browser refuses a file.
html_show_search_summary = False
html_math_renderer = "mathml"
html_context = {"default_mode": "auto"}
html_theme_options = {
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "article_header_start": ["toggle-primary-sidebar.html", "breadcrumbs.html"],
    # Else there are two boxes to search in.
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "footer_start": [],
    "footer_end": [],
}


def _inline(self, node):
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self, node):
    formula = convert(node.astext(), display="block")
    self.body.append(f'<div class="math" tabindex="0">{formula}</div>')
    raise nodes.SkipNode


def setup(app):
    """Write formulas as MathML: no script, no font, no network."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
