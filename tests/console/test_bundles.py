"""The collected static files: bundles of CSS and of JavaScript, with a hash in the name."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command

from console import bundles

SOURCE = settings.BASE_DIR / "static"


@pytest.fixture
def collected(settings, tmp_path):
    """Collect the static files as in production. Return their folder and the hashed names."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "console.bundles.BundledStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    return tmp_path, manifest["paths"]


def test_the_bundles_contain_every_file(collected):
    folder, names = collected

    css = (folder / names["css/console.css"]).read_text()
    script = (folder / names["js/console.js"]).read_text()

    assert "@import" not in css
    assert css.startswith("@layer reset, tokens, ")
    for layer, file in (("reset", "reset.css"), ("components", "forms.css")):
        start = (SOURCE / "css" / file).read_text().partition("url(")[0]
        assert f"@layer {layer} {{\n{start}" in css
    assert css.count("{") == css.count("}")
    assert re.search(r'url\("\.\./img/chevron\.[0-9a-f]{12}\.svg"\)', css)
    scripts = sorted(path.name for path in (SOURCE / "js").iterdir())
    assert sorted(name.removeprefix("js/") for name in bundles.SCRIPTS) == scripts
    for name in scripts:
        assert (SOURCE / "js" / name).read_text() in script


def test_the_administration_has_a_bundle_without_layers(collected):
    folder, names = collected

    css = (folder / names["css/admin.css"]).read_text()

    assert "@import" not in css
    assert "@layer" not in css
    for file in (SOURCE / "css/admin").iterdir():
        assert file.read_text() in css


def test_the_bundles_are_compressed_and_the_same_the_next_time(collected):
    folder, names = collected

    call_command("collectstatic", interactive=False, verbosity=0)

    again = json.loads((folder / "staticfiles.json").read_text())["paths"]
    assert again == names
    for name in ("css/console.css", "css/admin.css", "js/console.js"):
        assert (folder / f"{names[name]}.gz").exists()


def test_nothing_is_written_by_a_dry_run(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "console.bundles.BundledStorage"}
    }

    call_command("collectstatic", interactive=False, verbosity=0, dry_run=True)

    assert list(tmp_path.iterdir()) == []


def test_development_loads_the_source(settings):
    settings.DEBUG = True

    assert bundles.get_scripts() == bundles.SCRIPTS
