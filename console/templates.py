"""The templates of the console, in Jinja's language, with Django's translations and formats.

Those of the administration are Django's, because its pages extend Django's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jinja2
from django.conf import settings
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.backends import jinja2 as backend
from django.utils import translation
from django.utils.formats import localize
from django.utils.safestring import SafeString
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from . import components

INDENTATION = re.compile(r"\s*\n\s*")
# From here on, numbers have separators
SEPARATED = 1000
# Django's own, which write numbers into attributes: there they have no separators
WIDGETS = "django/forms/widgets/"


class Templates(backend.Jinja2):
    """Django's backend, which can also render one block of a page: "page.html#block".

    There is an environment for each language.
    """

    @property  # type: ignore[override]
    def env(self) -> Environment:
        return self.environments[translation.get_language() or settings.LANGUAGE_CODE]

    @env.setter
    def env(self, environment: Environment) -> None:
        self.environments = {
            language: environment.translate(language) for language, _ in settings.LANGUAGES
        }

    def get_template(self, template_name: str) -> backend.Template:
        if template_name.startswith("admin/"):
            raise TemplateDoesNotExist(template_name, backend=self)
        name, _, block = template_name.partition("#")
        template = super().get_template(name).template
        shown: Any = Block(template, block) if block else template
        return Template(shown, self)


class Template(backend.Template):
    """Django's, whose result is known to be HTML, as that of its own templates."""

    def render(
        self, context: dict[str, Any] | None = None, request: HttpRequest | None = None
    ) -> SafeString:
        return SafeString(super().render(context, request))


class Block:
    """A block of a template, to send to htmx instead of the page."""

    def __init__(self, template: jinja2.Template, name: str) -> None:
        self.template = template
        self.filename = template.filename
        self.name = f"{template.name}#{name}"
        self.block = template.blocks[name]

    def render(self, values: dict[str, Any]) -> str:
        return self.template.environment.concat(self.block(self.template.new_context(values)))


class Environment(jinja2.Environment):
    """What templates can use beside their own context. Constant texts are translated once."""

    language = settings.LANGUAGE_CODE

    def __init__(self, **options: Any) -> None:
        options["undefined"] = jinja2.ChainableUndefined
        super().__init__(**options, extensions=["jinja2.ext.i18n", Dedent], finalize=show)
        self.globals |= {"_": gettext, "gettext": gettext, "ngettext": ngettext}
        self.globals |= components.FUNCTIONS
        self.filters |= components.FILTERS
        self.newstyle_gettext = True

    def translate(self, language: str) -> Environment:
        environment = self.overlay()
        environment.language = language
        return environment

    def _generate(
        self, source: nodes.Template, name: str | None, *args: Any, **options: Any
    ) -> str:
        is_widget = name is not None and name.startswith(WIDGETS)
        compiler = self.overlay(finalize=None) if is_widget else self
        with translation.override(self.language):
            return super(Environment, compiler)._generate(
                Constants().visit(source), name, *args, **options
            )


class Constants(NodeTransformer):
    """Replace calls such as _("OK") by the text in the language."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        match node:
            case nodes.Call(
                node=nodes.Name(name="_" | "gettext"), args=[nodes.Const(value=text)], kwargs=[]
            ):
                return nodes.MarkSafe(nodes.Const(gettext(text)))
        return self.generic_visit(node)


class Dedent(Extension):
    """Leave out the indentation of the templates: a quarter of a page would be spaces.

    What is put into a template stays as it is. Text in <pre> isn't possible.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            is_data = token.type == "data"
            text = INDENTATION.sub("\n", token.value) if is_data else token.value
            yield Token(token.lineno, token.type, text)


def show(value: Any) -> Any:
    """Return what a template prints for a value: numbers as the language writes them."""
    if isinstance(value, int) and -SEPARATED < value < SEPARATED:
        return value
    return localize(value) if isinstance(value, (int, float)) else value


def gettext(text: str, /, **values: Any) -> Markup:
    return fill(translation.gettext(text), values)


def ngettext(one: str, many: str, number: int, /, **values: Any) -> Markup:
    return fill(translation.ngettext(one, many, number), values)


def fill(text: str, values: dict[str, Any]) -> Markup:
    return Markup(text) % {name: show(value) for name, value in values.items()}  # noqa: S704
