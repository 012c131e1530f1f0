"""Everything said to people goes through gettext, in templates as in refusals."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("templates/**/*.txt"))

# Names, signs and abbreviations that are the same in every language.
SAME_EVERYWHERE = {
    "API", "CRM", "CSV", "ICS", "KAM", "OpenAPI", "PDF", "XLSX", "XYZ", "ABC", "curl", "Authorization", "Bearer",
    "kam", "limit", "sha256", "NPS", "CSAT", "SWOT", "URL", "Esc", "Ctrl", "Enter", "EUR",
}  # fmt: skip
SAID_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "aria-description", "summary"}
# Shown to nobody: the text of these elements is not language.
NOT_SAID = {"code", "svg", "pre", "kbd"}

TRANSLATED = re.compile(
    r"\{%-?\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
WORD = re.compile(r"[^\W\d_]{2,}")


class Said(HTMLParser):
    """Collects what a person would read."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.silent = 0
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag, attrs):
        self.silent += tag in NOT_SAID
        for name, value in attrs:
            said = name in SAID_ATTRIBUTES or (
                name == "value" and tag == "input" and ("type", "submit") in attrs
            )
            if said and value:
                self.note(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.silent -= tag in NOT_SAID

    def handle_endtag(self, tag):
        self.silent -= tag in NOT_SAID

    def handle_data(self, data):
        if not self.silent:
            self.note(data)

    def note(self, text):
        words = [word for word in WORD.findall(text) if word not in SAME_EVERYWHERE]
        if words:
            self.found.append((self.getpos()[0], " ".join(text.split())))


def untranslated(source: str) -> list[tuple[int, str]]:
    """(line, text) of what stands in a template as it is. What gettext translates leaves its line breaks."""
    bare = TRANSLATED.sub(lambda found: "\n" * found[0].count("\n"), source)
    reader = Said()
    reader.feed(bare)
    reader.close()
    return reader.found


def test_the_check_finds_what_it_looks_for():
    assert untranslated("<p>Hello there</p>") == [(1, "Hello there")]
    assert untranslated('<a title="Click here">{{ name }}</a>') == [(1, "Click here")]
    assert untranslated('{% if x %}\n<input type="submit" value="Go on">{% endif %}') == [
        (2, "Go on")
    ]
    assert not untranslated(
        '<p title="{% translate "Hello" %}">{% translate "Hello" %} – {{ name }} KAM</p>'
    )
    assert not untranslated("{% blocktranslate trimmed %}\nHello {{ x }}\n{% endblocktranslate %}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_said_in_templates_is_translated(path):
    found = untranslated(path.read_text(encoding="utf-8"))
    assert not found, f"{path.relative_to(ROOT)} says things outside translate: " + "; ".join(
        f"line {line}: {text[:60]}" for line, text in found
    )
