"""The console's components in Django's templates."""

from __future__ import annotations

from django.template import engines


def render(source, **context):
    return engines["django"].from_string(source).render(context)


def test_a_template_of_the_console_gets_the_context_and_more_values():
    html = render('{% component "components/errors.html" id="x" %}', errors=["<b>"])

    assert '<div id="x">' in html
    assert "&lt;b&gt;" in html


def test_cells_of_a_list_have_their_headings_for_narrow_screens():
    html = render(
        "{% for cell in cells|label_cells:headers %}{{ cell }}{% endfor %}",
        cells=["<td>a</td>", '<th class="x">b</th>'],
        headers=[{"text": "first & only"}, {"text": ""}],
    )

    assert html == '<td data-label="First &amp; only">a</td><th class="x">b</th>'


def test_an_empty_state_contains_what_the_block_has():
    html = render('{% empty "key" "No keys" 3 %}<a href="/">Create</a>{% endempty %}')

    assert "<h3>No keys</h3>" in html
    assert '<a href="/">Create</a>' in html
