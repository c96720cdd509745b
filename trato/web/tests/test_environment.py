"""What templates can rely on: escaping, initials, icons, undo addresses; and that every template is one."""

from types import SimpleNamespace

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError
from markupsafe import Markup

from trato.web import environment, words


@pytest.fixture
def jinja():
    return engines["jinja2"].env


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana María García", "AG"),
        ("Plato", "P"),
        ("  émile zola ", "ÉZ"),
        ("Sable & Stone", "SS"),
        ("(unnamed) 7", "7"),
        ("", "?"),
        ("山田太郎", "山"),
    ],
)
def test_initials_stand_for_a_name(name, letters):
    assert environment.initials(name) == letters


def test_a_name_is_escaped_and_has_one_colour():
    assert environment.avatar("Ana") == environment.avatar("Ana")
    assert "<b" not in environment.avatar("<b> <b>")
    assert 'aria-hidden="true"' in environment.avatar("Ana", "lg")


def test_an_icon_is_silent_unless_it_says_something():
    assert 'aria-hidden="true"' in environment.icon("user")
    assert 'role="img" aria-label="&lt;Done&gt;"' in environment.icon("check", "<Done>")


def test_whatever_a_template_shows_is_escaped(jinja):
    shown = jinja.from_string("{{ name }} {{ _('Import of %(file)s', file=name) }}").render(name="<i>'")
    assert shown == "&lt;i&gt;&#39; Import of &lt;i&gt;&#39;"


def test_numbers_of_things_follow_the_language(jinja):
    template = jinja.from_string("{{ ngettext('%(num)s try', '%(num)s tries', n) }} {{ 12345|number }}")
    with translation.override("en"):
        assert [template.render(n=1), template.render(n=2)] == ["1 try 12,345", "2 tries 12,345"]


def test_an_unknown_variable_is_an_error_not_a_blank(jinja):
    with pytest.raises(UndefinedError):
        jinja.from_string("{{ nobody }}").render()


def test_a_message_says_where_it_is_undone():
    assert environment.undo_address(SimpleNamespace(extra_tags="undo:/w/acme/undo/1")) == "/w/acme/undo/1"
    assert environment.undo_address(SimpleNamespace(extra_tags="other")) == ""
    assert environment.undo_address(SimpleNamespace(extra_tags=None)) == ""


def test_texts_are_never_escaped_twice(jinja):
    assert isinstance(environment.gettext("Ana & Co"), Markup)
    assert jinja.from_string("{{ _('Import & export') }}").render() == "Import & export"


def test_every_template_compiles_and_none_has_inline_script_or_style(jinja):
    names = jinja.list_templates(extensions=["html"])
    assert "shell.html" in names
    for name in names:
        source, _path, _fresh = jinja.loader.get_source(jinja, name)
        jinja.get_template(name)
        assert "style=" not in source, name
        assert "<style" not in source, name
        assert " onclick" not in source, name
        assert "<script>" not in source, name


def test_the_keys_are_called_as_they_are_labelled(monkeypatch):
    """The caps go through the catalogue; letters and arrows stay."""
    monkeypatch.setitem(words.KEYS, "Ctrl", "Strg")
    monkeypatch.setitem(words.KEYS, "Shift", "Umschalt")
    made = environment.environment().from_string("{{ 'Ctrl Shift K ↓'|key_caps|join('+') }}")
    assert made.render() == "Strg+Umschalt+K+↓"


def test_the_shortcuts_show_translatable_caps(browser, monkeypatch):
    monkeypatch.setitem(words.KEYS, "Ctrl", "Strg")
    page = browser.get("/w/acme/shortcuts", headers={"HX-Request": "true"}).content.decode()
    assert "<kbd>Strg</kbd><kbd>K</kbd>" in page and "Ctrl" not in page
