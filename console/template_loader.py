"""Templates whose indentation isn't sent: a quarter of a page would be spaces."""

from __future__ import annotations

import re
from typing import Any, cast

from django.template.base import Template, TextNode
from django.template.loaders import cached

INDENTATION = re.compile(r"\s*\n\s*")


class Loader(cached.Loader):
    """Django's loader, which keeps compiled templates. It shortens their text once.

    Only text of the templates is changed, not what is put into it. Text in <pre> isn't possible.
    """

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        key = self.cache_key(template_name, skip)
        is_new = key not in self.get_template_cache
        template = super().get_template(template_name, skip)
        if is_new:
            for node in template.nodelist.get_nodes_by_type(TextNode):
                text = cast("TextNode", node)
                text.s = INDENTATION.sub("\n", text.s)
        return template
