"""Files from elsewhere are those we named, and a page brings nothing else from outside."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
PACKAGES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["package"]
OURS = sorted(
    [
        *ROOT.glob("static/css/*.css"),
        *ROOT.glob("static/js/*.js"),
        *ROOT.glob("templates/**/*.html"),
    ]
)

OUTSIDE = re.compile(
    r"""(?:src|srcset|poster|data-src)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|<link\b[^>]*href\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?\s*(?:https?:)?//"""
    r"""|@import\s+(?!["']?\.)"""
    r"""|\b(?:fetch|import|importScripts|sendBeacon|EventSource|WebSocket)\(\s*["'`](?:https?:|wss?:)?//""",
    re.IGNORECASE,
)
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|\shx-on[:-]|\shref\s*=\s*["']javascript:""",
    re.IGNORECASE,
)
# PDF pages and e-mails are not shown by a browser under our policy.
NOT_PAGES = ("/pdf/", "/email/")


def test_every_vendored_file_is_the_one_that_was_taken():
    for package in PACKAGES:
        for name, sum_ in package["files"].items():
            path = VENDOR / package["folder"] / name
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sum_, (
                f"{path} is not the file of {package['name']}"
            )


def test_nothing_stands_among_the_vendored_files_unnamed():
    named = {VENDOR / package["folder"] / name for package in PACKAGES for name in package["files"]}
    found = {path for path in VENDOR.rglob("*") if path.is_file()} - {VENDOR / "VENDOR.toml"}
    assert found == named


def test_every_package_says_its_version_and_licence_and_brings_the_text_of_it():
    for package in PACKAGES:
        assert package["version"]
        assert package["licence"]
        assert any(name in package["files"] for name in ("LICENSE", "OFL.txt")), package["name"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_loaded_from_outside(path):
    assert not OUTSIDE.findall(path.read_text(encoding="utf-8"))


def test_vendored_code_loads_nothing_from_outside():
    for path in [*VENDOR.rglob("*.css"), *VENDOR.rglob("*.js")]:
        assert not OUTSIDE.findall(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in OURS
        if path.suffix == ".html" and not any(part in path.as_posix() for part in NOT_PAGES)
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_page_carries_no_script_style_or_handler_of_its_own(path):
    text = re.sub(
        r"\{% comment %\}.*?\{% endcomment %\}",
        "",
        path.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    assert not INLINE.findall(text)


def test_every_icon_that_a_template_names_is_there():
    have = {path.stem for path in (VENDOR / "tabler-icons").glob("*.svg")}
    for path in OURS:
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"""\{% icon ["']([\w-]+)["']""", text))
        named |= set(re.findall(r"""\bicon=["']([\w-]+)["']""", text))
        assert named <= have, f"{path.relative_to(ROOT)} names {named - have}"


def test_the_fonts_know_polish_and_russian():
    from fontTools.ttLib import TTFont

    letters = set(
        "ĄĆĘŁŃÓŚŹŻąćęłńóśźżАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя„”«»–—…№€₽−"
    )
    fonts = [*VENDOR.rglob("*.woff2"), *VENDOR.rglob("*.ttf")]
    assert fonts
    for path in fonts:
        cmap = TTFont(path, lazy=True).getBestCmap()
        assert not {letter for letter in letters if ord(letter) not in cmap}, path
