"""Pages from templates, which are compiled once for each language.

What is always the same in a language is worked out while its template is compiled: texts without
values, and the addresses of pages and files. All else is found out at each request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, cast

from flask import current_app, url_for
from flask.templating import Environment
from jinja2 import nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import Environment as JinjaEnvironment
from jinja2.environment import Template
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from app.context import Application
from app.web.words import Speech, speech, speech_of

_PAGES = "civis-pages"
_BETWEEN = "\x1f"  # the sign for it: no text of ours has one


class _Settle(NodeTransformer):
    """`_("a text")` becomes the text in that language, `url_for("a.page")` its address."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        values = [*node.args, *(pair.value for pair in node.kwargs)]
        if node.dyn_args or node.dyn_kwargs or not all(isinstance(v, nodes.Const) for v in values):
            return node
        arguments = [value.as_const() for value in node.args]
        named = {pair.key: pair.value.as_const() for pair in node.kwargs}
        if name == "_" and not named:
            text = self._speech.gettext(*arguments) % {}  # as gettext in templates does
            return nodes.Const(Markup(text), lineno=node.lineno)  # noqa: S704 - words of ours
        if name == "url_for":
            return nodes.Const(url_for(*arguments, **named), lineno=node.lineno)
        return node


def _compiler(speech: Speech) -> type[CodeGenerator]:
    class Compiler(CodeGenerator):
        def visit_Template(  # noqa: N802 - Jinja's name
            self, node: nodes.Template, frame: Frame | None = None
        ) -> None:
            _Settle(speech).visit(node)
            super().visit_Template(node, frame)

    return Compiler


def _text(text: str) -> str:
    """Without the values: templates put them in themselves."""
    return speech().translations.gettext(text)


def _texts(one: str, many: str, num: int) -> str:
    return speech().translations.ngettext(one, many, num)


def _counting(texts: Callable[..., Any]) -> Callable[..., Any]:
    """Counts in texts are written as pages write numbers."""

    @pass_context
    def counted(context: Context, one: str, many: str, num: int, **values: Any) -> Any:
        return texts(context, one, many, num, **{"num": speech().counted(num), **values})

    return counted


def install(app: Application) -> None:
    """An environment per language over the application's own, once that is complete."""
    own = app.jinja_env
    own.globals.update(table_rows=table_rows)
    own.install_gettext_callables(_text, _texts, newstyle=True)  # type: ignore[attr-defined]
    own.globals["ngettext"] = _counting(cast("Callable[..., Any]", own.globals["ngettext"]))
    app.extensions[_PAGES] = {
        language: _environment(own, speech_of(language))
        for language in app.extensions["civis"].settings.languages
    }


class _Template(Template):
    """No template has globals of its own: the environment's are copied for each page, which is
    quick for a plain dictionary, and what is imported is made once."""

    @classmethod
    def from_code(cls, environment: JinjaEnvironment, *code: Any) -> Template:
        compiled, _own_globals, is_up_to_date = code
        return super().from_code(environment, compiled, environment.globals, is_up_to_date)


def _environment(own: Environment, speech: Speech) -> Environment:
    made = own.overlay()
    made.code_generator_class, made.template_class = _compiler(speech), _Template
    return made


def render(template: str, **values: Any) -> str:
    app = current_app
    app.update_template_context(values)
    pages: dict[str, Environment] = app.extensions[_PAGES]
    return pages[speech().locale].get_template(template).render(values)


def stream(template: str, **values: Any) -> Iterator[str]:
    """The same, sent as it is made: for what takes a while and says how far it is."""
    app = current_app
    app.update_template_context(values)
    pages: dict[str, Environment] = app.extensions[_PAGES]
    return pages[speech().locale].get_template(template).generate(values)


def table_rows(rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> Markup:
    """A table's rows; columns in `numbers` are set as such. Every cell is escaped, all at once.

    A page of figures has hundreds of cells: Jinja's way, one by one, is half of its time.
    """
    if not rows:
        return Markup()
    plain, number = "<td>%s</td>", '<td class="number">%s</td>'
    row = "".join(number if column in numbers else plain for column in range(len(rows[0])))
    row = f"<tr>{row}</tr>\n"
    cells = iter(str(escape(_BETWEEN.join(map(_BETWEEN.join, rows)))).split(_BETWEEN))
    table = [row % line for line in zip(*[cells] * len(rows[0]), strict=True)]
    return Markup("".join(table))  # noqa: S704 - escaped above
