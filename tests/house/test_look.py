"""What the design promises and a machine can check: weight, contrast, parts that refuse nonsense."""

import gzip
import re
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "static" / "css"
TOKENS = (STYLES / "tokens.css").read_text(encoding="utf-8")


def render(source, **context):
    return Template("{% load i18n kam_ui %}" + source).render(Context(context))


# ── Weight ───────────────────────────────────────────────────────────────────────────────────


def _compressed(path):
    data = path.read_bytes()
    return len(data) if path.suffix == ".woff2" else len(gzip.compress(data, 9))


@pytest.mark.django_db
def test_the_first_page_and_all_it_loads_weigh_no_more_than_220_kb(client):
    page = client.get(reverse("account_login")).content
    named = re.findall(rb'(?:href|src)="/static/([^"]+)"', page)
    loaded = {name.decode() for name in named} | {
        # what the pages behind the sign-in load besides, and the fonts that the style sheets name
        "vendor/htmx/htmx.min.js",
        "js/kam.js",
        *re.findall(r'url\("\.\./([^"]+\.woff2)"\)', TOKENS),
    }
    assert {"css/kam.css", "vendor/tabler/tabler.min.css"} <= loaded
    total = len(gzip.compress(page, 9)) + sum(
        _compressed(ROOT / "static" / name) for name in loaded
    )
    # A full page of work is some 10 KB longer than the sign-in page.
    assert total < 210 * 1024


# ── Contrast (WCAG 2.2, 1.4.3): every ink on every ground it is put on, light and dark ──────────


def _tokens():
    pairs = re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}|#[0-9a-f]{3}), (#[0-9a-f]{6}|#[0-9a-f]{3})\)",
        TOKENS,
    )
    return {name: (light, dark) for name, light, dark in pairs}


def _luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ["paper", "paper-edge", "surface", "surface-2", "surface-3"]
INK_ON_GROUND = [
    *[
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent", "accent-strong")
        for ground in GROUNDS
    ],
    *[
        (ink, ground)
        for ink in ("ok", "warn", "bad")
        for ground in ("paper", "surface", "surface-2", f"{ink}-soft")
    ],
    *[("ink", f"heat-{step}") for step in range(1, 6)],
    *[("ink-2", f"heat-{step}") for step in (1, 2)],
    ("ink", "warn-soft"),
    ("ink", "bad-soft"),
    ("ink", "ok-soft"),
    ("ink", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]


@pytest.mark.parametrize(("ink", "ground"), INK_ON_GROUND)
def test_text_can_be_read_in_light_and_in_dark(ink, ground):
    tokens = _tokens()
    for theme in (0, 1):
        assert contrast(tokens[ink][theme], tokens[ground][theme]) >= 4.5, ("light", "dark")[theme]


@pytest.mark.parametrize("ground", ["surface", "paper"])
def test_the_edge_of_a_field_and_the_focus_can_be_seen(ground):
    tokens = _tokens()
    for theme in (0, 1):
        assert contrast(tokens["field-rule"][theme], tokens[ground][theme]) >= 3
        assert contrast(tokens["focus"][theme], tokens[ground][theme]) >= 3


@pytest.mark.parametrize("name", ["kam.css", "admin.css"])
def test_only_the_tokens_name_colours(name):
    lines = (STYLES / name).read_text(encoding="utf-8").splitlines()
    named = [
        line
        for line in lines
        if re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(", line) and "light-dark(" not in line
    ]
    assert [line for line in named if "background: #fff" not in line] == []  # paper, in print


# ── Parts ────────────────────────────────────────────────────────────────────────────────────


def test_an_icon_is_drawn_into_the_page_and_is_silent_unless_named():
    silent = render('{% icon "users" %}')
    assert silent.startswith("<svg")
    assert 'aria-hidden="true"' in silent
    spoken = render('{% icon "users" "icon-lg" label %}', label='"><script>')
    assert 'role="img"' in spoken
    assert "<script>" not in spoken


@pytest.mark.parametrize("name", ["no-such-icon", "../../VENDOR", ""])
def test_an_icon_that_is_not_there_is_a_mistake_in_the_template(name):
    with pytest.raises(TemplateSyntaxError, match="There is no icon"):
        render("{% icon name %}", name=name)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Maria Nowak", "AN"),
        ("Дмитрий Соколов", "ДС"),
        ("Cher", "C"),
        ("", ""),
        ("— Нет", "Н"),
    ],
)
def test_initials_are_the_first_and_the_last(name, letters):
    assert render("{{ name|initials }}", name=name) == letters


@pytest.mark.parametrize(
    ("share", "depth"),
    [(0, 0), (None, 0), (0.01, 1), (0.05, 2), (0.1, 3), (0.3, 4), (0.5, 5), ("x", 0)],
)
def test_a_larger_share_is_a_deeper_colour(share, depth):
    assert render("{{ share|heat }}", share=share) == str(depth)


def test_a_state_says_a_word_and_an_icon_and_an_unknown_one_is_shown_as_written():
    known = render('{% include "components/state.html" with state="overdue" %}')
    assert "Overdue" in known
    assert "<svg" in known
    assert "Half way" in render('{% include "components/state.html" with state="half_way" %}')


def test_a_page_that_does_not_exist_has_no_item_in_the_navigation():
    assert render('{% nav_item "nobody:nowhere" "Nowhere" "home" %}').strip() == ""


class _Contract(forms.Form):
    number = forms.CharField(label="Number", help_text="As printed on it.")
    signed = forms.BooleanField(label="Signed", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_is_tied_to_its_label_its_help_and_its_error():
    html = str(_Contract({"number": ""}))
    assert '<label for="id_number">' in html
    assert re.search(
        r'<input type="text" name="number" class="form-control"[^>]*aria-invalid="true"', html
    )
    described = re.search(r'name="number"[^>]*aria-describedby="([^"]+)"', html)[1].split()
    assert set(described) == {"id_number_helptext", "id_number_error"}
    for name in described:
        assert f'id="{name}"' in html


def test_a_tick_box_stands_before_its_label_and_a_hidden_field_has_none():
    html = str(_Contract())
    assert html.index('name="signed"') < html.index('<label for="id_signed">')
    assert "id_secret" in html
    assert '<label for="id_secret">' not in html
