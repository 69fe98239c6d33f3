"""`response.context` for Jinja's templates, as Django's test client has it for its own."""

from __future__ import annotations

from django.template.backends import jinja2
from django.test.signals import template_rendered

render = jinja2.Template.render


def render_and_tell(template, context=None, request=None):
    """Render a page as always, then tell the test client what it was rendered with."""
    context = {} if context is None else context
    text = render(template, context, request)
    if request is not None:
        template_rendered.send(sender=template, template=template, context=context)
    return text


def pytest_configure() -> None:
    jinja2.Template.render = render_and_tell
