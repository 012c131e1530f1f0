"""What repeats in every entry of a dossier. Drawn here and not by templates: a section shows it a hundred times."""

from functools import cache

from django import template
from django.template.loader import get_template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.shelf import SHELF
from accounts.templatetags.kam_format import day
from accounts.templatetags.kam_ui import icon
from dossiers.shapes import KIND_ICONS, lines

register = template.Library()

# The look's five steps of stance, from enemy to mentor, with an icon each.
STANCES = {
    -2: (1, "swords"),
    -1: (2, "thumb-down"),
    0: (3, "minus"),
    1: (4, "thumb-up"),
    2: (5, "heart-handshake"),
}


_shelf = SHELF


@register.simple_tag(takes_context=True)
def piece(context, part):
    """The card of a piece. Its template gets a context of its own: a page's is searched through many layers."""
    return _piece(part, context.get("csrf_token"), get_language())


@register.simple_tag(takes_context=True)
def laid_out(context, rows):
    """The cards of a section. Put together in one go: a page of 300 KB that goes through a dozen nested
    nodes is copied a dozen times."""
    csrf_token, language = context.get("csrf_token"), get_language()

    def stack(parts) -> str:
        drawn = "".join([_piece(part, csrf_token, language) for part in parts])
        return f'<div class="stack">{drawn}</div>'

    return mark_safe(
        "".join(
            [
                _piece(row["wide"], csrf_token, language)
                if "wide" in row
                else f'<div class="pieces-row">{stack(row["left"])}{stack(row["right"])}</div>'
                for row in rows
            ]
        )
    )


def _piece(part, csrf_token, language) -> str:
    if not part.is_plain:
        return _card(part, csrf_token)
    return _shelf.get((language, part.state), lambda: _card(part))


@register.simple_tag(takes_context=True)
def drawn(context, what, name):
    """What has a `state` and `contents()`, drawn by the template of that name, once for each state."""

    def draw() -> str:
        contents = {**what.contents(), "csrf_token": context.get("csrf_token")}
        return get_template(name).template.render(template.Context(contents))

    # A form carries the secret of one person, so what has one is drawn for that person alone.
    if getattr(what, "has_form", False):
        return draw()
    return _shelf.get((get_language(), what.state), draw)


@register.simple_tag
def entry(part, entry, name):
    """One entry of a list as it is read, drawn by the template of that name."""
    state = (get_language(), name, part.key, part.is_editable, part.query, part.today, entry.state)

    def draw() -> str:
        return get_template(name).template.render(template.Context({"part": part, "entry": entry}))

    return _shelf.get(state, draw)


def _card(part, csrf_token=None) -> str:
    drawn = get_template("dossiers/_card.html").template
    return drawn.render(
        template.Context({"part": part, "dossier": part.dossier, "csrf_token": csrf_token})
    )


@register.simple_tag
def fresh(freshness):
    """When it was last confirmed (in words when that is too long ago), fact or assumption, who wrote it, from where."""
    if not freshness.own:
        return ""
    words = _words(get_language())
    parts = []
    for name in freshness.own:
        if name == "confirmed_on":
            if freshness.stale:
                parts.append(
                    f'<span class="fresh-word">{words["stale"]}{escape(freshness.stale)}</span>'
                )
            parts.append(
                f"<span>{escape(words['confirmed'] % {'day': day(freshness.confirmed_on)})}</span>"
            )
        elif name == "is_assumption":
            parts.append(words["assumption"] if freshness.is_assumption else words["fact"])
        elif text := getattr(freshness, name):
            parts.append(f"<span>{escape(text)}</span>")
    if not parts:
        return ""
    is_stale = freshness.stale and "confirmed_on" in freshness.own
    return mark_safe(
        f'<span class="fresh{" fresh-stale" if is_stale else ""}">{"".join(parts)}</span>'
    )


@register.simple_tag
def acts(part, entry):
    """Confirm, edit, history, delete of one entry; only history where nothing may be changed."""
    words = _words(get_language())
    kind = "filed" if part.shape == "attachments" else "acts"
    named = words[kind if part.is_editable else "reading"]
    query = part.query
    return mark_safe(
        named.replace("{base}", f"{part.url}{entry.pk}/")
        .replace("{id}", f"{part.key}-{entry.pk}")
        .replace("{query}", query)
        .replace("{version}", str(entry.record.version))
        .replace("{name}", escape(str(entry.record)))
    )


@cache
def _words(language: str) -> dict[str, str]:
    """What is the same in every entry, in one language: words, icons, and the buttons with places to be filled."""

    def said(word: str) -> str:
        return escape(word)

    def link(act: str, icon_name: str, word: str, *, in_place: bool = False) -> str:
        address = f"{{base}}{act}/{'{query}' if in_place else ''}"
        get = f' hx-get="{address}"' if in_place else ""
        return (
            f'<a class="btn btn-quiet btn-icon btn-sm" href="{address}"{get} title="{said(word)}"'
            f' aria-label="{said(word)}: {{name}}">{icon(icon_name)}</a>'
        )

    history = link("history", "history", _("History"))
    still = said(_("Still true"))
    confirm = (
        '<button class="btn btn-quiet btn-icon btn-sm" type="submit" form="acts" id="{id}-confirm"'
        ' name="seen" value="{version}" formaction="{base}confirm/{query}" hx-post="{base}confirm/{query}"'
        f' title="{still}" aria-label="{still}: {{name}}">{icon("check")}</button>'
    )
    edit = link("edit", "pencil", _("Edit"), in_place=True)
    delete = link("delete", "trash", _("Delete"), in_place=True)
    return {
        "stale": icon("clock-exclamation"),
        # Translators: when somebody last said that an entry still holds
        "confirmed": _("confirmed %(day)s"),
        "assumption": f'<span class="fresh-assumption">{icon("question-mark")}{said(_("Assumption"))}</span>',
        "fact": f"<span>{icon('check')}{said(_('Fact'))}</span>",
        "acts": f'<span class="acts">{confirm}{edit}{history}{delete}</span>',
        # A file stays what it was: nobody has to say that it still holds.
        "filed": f'<span class="acts">{edit}{history}{delete}</span>',
        "reading": f'<span class="acts">{history}</span>',
    }


@register.simple_tag
def value(cell):
    """The text of a cell: an address leads somewhere, what it means today stands beside it."""
    text = escape(cell.text)
    if cell.kind == "link" and cell.text.startswith(("http://", "https://")):
        shown = cell.text.removeprefix("https://").removeprefix("http://").rstrip("/")
        text = format_html(
            '<a class="link" href="{}" rel="noopener noreferrer">{}</a>', cell.text, shown
        )
    elif cell.kind == "tags" and cell.text:
        text = format_html_join(
            " ", '<span class="chip">{}</span>', ((tag,) for tag in cell.text.split(", "))
        )
    elif cell.kind == "lines" and cell.text:
        text = format_html_join(
            "", '<span class="point">{}</span>', ((line,) for line in lines(cell.text))
        )
    elif cell.kind == "mail" and cell.text:
        text = format_html('<a class="link" href="mailto:{}">{}</a>', cell.text, cell.text)
    if cell.hint:
        text = format_html(
            '{} <span class="hint hint-{}">{}</span>', text, cell.tone or "quiet", cell.hint
        )
    return text


@register.simple_tag
def stance(entry):
    step, icon_name = STANCES[entry.record.stance]
    return format_html(
        '<span class="stance stance-{}">{}{}</span>',
        step,
        icon(icon_name),
        entry.cell["stance"].text,
    )


@register.simple_tag
def kind_icon(kind):
    return icon(KIND_ICONS.get(kind, "note"))
