"""Catalogues of translations, made by Babel alone: nobody needs the gettext programs.

`locale/<language>/LC_MESSAGES/django.po` is written by people and kept in git; the `.mo` beside it is
compiled from it whenever it is older, and is not kept.
"""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PYTHON_FOLDERS = ("accounts", "dossiers", "kam", "portfolio", "segmentation")
_TEMPLATE_FOLDER = "templates"
_TEMPLATE_ENDINGS = {".html", ".txt", ".svg"}

# How `templatize` writes a template's messages: gettext(u'…'), npgettext(u'…', u'…', u'…',count).
_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(({_STRING}(?:,\s*{_STRING})*)(?:,\s*count)?\)")


@dataclass(frozen=True)
class Lack:
    """A message that a language has no words for."""

    language: str
    message: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.language}: “{self.message}” ({', '.join(self.places[:3])})"


def languages() -> list[str]:
    """The languages that need a catalogue: English is the source."""
    return [code for code, _name in settings.LANGUAGES if code != "en"]


def catalogue_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def extract() -> Catalog:
    """Every message that code and templates have now, with the files it is in."""
    found = Catalog(project=None, charset="utf-8", fuzzy=False)
    base = Path(settings.BASE_DIR)
    for path, messages in _messages_by_file(base):
        for message, context, comments in messages:
            found.add(
                message, locations=[(path, 0)], auto_comments=comments, context=context or None
            )
    return found


def update() -> None:
    """Brings each catalogue in step with code and templates; translations made so far stay."""
    template = extract()
    for language in languages():
        path = catalogue_path(language)
        catalogue = _read(path, language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        catalogue.header_comment = "# Translations of the key account management product."
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".po.new")
        with draft.open("wb") as file:
            write_po(file, catalogue, width=100, include_lineno=False, sort_by_file=True)
        # The header's dates would make every run a change.
        lines = draft.read_text(encoding="utf-8").splitlines(keepends=True)
        dated = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Last-Translator:')
        path.write_text(
            "".join(line for line in lines if not line.startswith(dated)), encoding="utf-8"
        )
        draft.unlink()


def compile_stale() -> list[Path]:
    """Compiles each catalogue that is newer than its compiled form; returns those it wrote."""
    written = []
    for language in languages():
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if not source.exists():
            continue
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, _read(source, language))
        draft.replace(target)  # a process that reads the old one meanwhile reads it whole
        written.append(target)
    return written


def lacking() -> list[Lack]:
    """Messages in code and templates without a complete translation, by language."""
    template = extract()
    found = []
    for language in languages():
        catalogue = _read(catalogue_path(language), language)
        for message in template:
            if not message.id:
                continue
            known = catalogue.get(message.id, message.context)
            if known is None or known.fuzzy or not _is_complete(known.string):
                text = message.id if isinstance(message.id, str) else message.id[0]
                found.append(Lack(language, text, tuple(path for path, _ in message.locations)))
    return found


def _is_complete(string: Any) -> bool:
    return bool(string) and (isinstance(string, str) or all(string))


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


_Messages = list[tuple[Any, str | None, list[str]]]


def _messages_by_file(base: Path) -> Iterator[tuple[str, _Messages]]:
    for folder in _PYTHON_FOLDERS:
        for path in sorted((base / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(base).as_posix(), list(_in_python(path))
    for path in sorted((base / _TEMPLATE_FOLDER).rglob("*")):
        if path.suffix in _TEMPLATE_ENDINGS:
            yield path.relative_to(base).as_posix(), list(_in_template(path))


def _in_python(path: Path) -> Iterator[tuple[Any, str | None, list[str]]]:
    with path.open("rb") as file:
        for _line, name, given, comments in extract_python(
            file, KEYWORDS.keys(), ["Translators:"], {"encoding": "utf-8"}
        ):
            texts = given if isinstance(given, (tuple, list)) else (given,)
            places = KEYWORDS[name] or (1,)
            context = next((texts[p[0] - 1] for p in places if isinstance(p, tuple)), None)
            chosen = [texts[p - 1] for p in places if isinstance(p, int) and p <= len(texts)]
            # A variable instead of a literal comes as None: there is nothing to translate.
            if chosen and all(chosen):
                yield (chosen[0] if len(chosen) == 1 else tuple(chosen)), context, comments


def _in_template(path: Path) -> Iterator[tuple[Any, str | None, list[str]]]:
    for name, arguments in _CALL.findall(templatize(path.read_text(encoding="utf-8"), str(path))):
        texts = list(ast.literal_eval(f"[{arguments}]"))
        context = texts.pop(0) if "p" in name.removesuffix("gettext") else None
        yield (texts[0] if len(texts) == 1 else tuple(texts)), context, []
