"""The language of the templates, with Django's translations and formats."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.admin import site
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.messages.storage.base import Message
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from tests.factories import AccountFactory, RegionFactory


def render(source, **context):
    return engines["templates"].from_string(source).render(context)


def test_pages_have_no_indentation(client, db):
    lines = client.get("/sign-in/").content.decode().splitlines()

    assert lines
    assert [line for line in lines if line.startswith(" ")] == []


def test_what_is_put_into_a_template_stays_as_it_is():
    template = get_template("components/message.html")

    assert "<p>one\n    two</p>" in template.render({"message": Message(20, "one\n    two")})


def test_texts_are_in_the_language_of_the_request():
    source = '{{ _("Image List") }}, {{ lazy }}'
    with override("zh-hans"):
        chinese = render(source, lazy=gettext_lazy("Status"))

    assert chinese == "镜像列表, 状态"
    assert render(source, lazy=gettext_lazy("Status")) == "Image List, Status"


def test_values_in_texts_and_outside_are_escaped_and_have_separators():
    source = (
        "{% trans %}<b>{{ name }}</b>: {{ number }}{% endtrans %} {{ name }} {{ number }} "
        '{{ ngettext("%(n)s entry", "%(n)s entries", number, n=number) }}'
    )

    assert render(source, name="<i>", number=1520) == (
        "<b>&lt;i&gt;</b>: 1,520 &lt;i&gt; 1,520 1,520 entries"
    )


def test_numbers_in_the_widgets_of_forms_have_no_separators():
    class Form(forms.Form):
        number = forms.IntegerField(max_value=5000)
        choice = forms.ChoiceField(choices=[(1234, "1,234 images")])

    html = Form().as_div()

    assert 'max="5000"' in html
    assert '<option value="1234">1,234 images</option>' in html


def test_the_administration_selects_an_account_with_a_large_key(db):
    account = AccountFactory.create(pk=1234)
    field = User._meta.get_field("account").formfield()
    widget = AutocompleteSelect(User._meta.get_field("account"), site, choices=field.choices)

    assert f'<option value="1234" selected>{account}</option>' in widget.render("account", 1234)


def test_percent_signs_are_doubled_in_texts_only():
    assert render('{{ _("100 %%") }} 100 %') == "100 % 100 %"


def test_what_a_page_lacks_is_empty():
    assert render("{{ nobody.name }}{% if nobody.name.first %}x{% endif %}") == ""


def test_one_block_of_a_page_is_rendered_for_htmx(client_for, account):
    RegionFactory.create()

    response = client_for(account).get("/bj/images/", headers={"HX-Request": "true"})

    assert response.content.decode().lstrip().startswith('<div\nid="images"')


def test_the_administration_has_django_templates():
    with pytest.raises(TemplateDoesNotExist):
        engines["templates"].get_template("admin/index.html")
    assert get_template("admin/index.html").backend.name == "django"
