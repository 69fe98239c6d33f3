"""Find elements in the HTML of a response, however it is laid out."""

from __future__ import annotations

from html import unescape

from django.test.html import Element, parse_html


def parse(response):
    return parse_html(response.content.decode())


def find_all(source, name, /, **attributes):
    """Return the elements with this name and these attributes.

    `source` is a response or an element. The attribute hx-get is written `hx_get`.
    """
    root = source if isinstance(source, Element) else parse(source)
    expected = {key.strip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [
        element
        for element in walk(root)
        if element.name == name and expected.items() <= dict(element.attributes).items()
    ]


def walk(element):
    """Yield the element and everything in it, in the order of the document."""
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from walk(child)


def get_text(element):
    """Return the text in the element. Nested elements are joined without spaces."""
    parts = (get_text(child) if isinstance(child, Element) else child for child in element.children)
    return unescape("".join(parts))


def get_values(response, name, *, only=""):
    """Return the values of the inputs with this name: all, or those with the attribute `only`."""
    inputs = [dict(element.attributes) for element in find_all(response, "input", name=name)]
    return [attributes["value"] for attributes in inputs if not only or only in attributes]


def get_descriptions(response):
    """Return every ID that an aria-describedby refers to."""
    attributes = [dict(element.attributes) for element in walk(parse(response))]
    texts = [each.get("aria-describedby", "") for each in attributes]
    return {element_id for text in texts for element_id in text.split()}
