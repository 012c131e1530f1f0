"""What repeats in every entry of a dossier. Drawn here and not by templates: a section shows it a hundred times."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import day
from accounts.templatetags.kam_ui import icon
from dossiers.shapes import KIND_ICONS

register = template.Library()

# The look's five steps of stance, from enemy to mentor, with an icon each.
STANCES = {
    -2: (1, "swords"),
    -1: (2, "thumb-down"),
    0: (3, "minus"),
    1: (4, "thumb-up"),
    2: (5, "heart-handshake"),
}


@register.simple_tag
def fresh(freshness):
    """When it was last confirmed (in words when that is too long ago), fact or assumption, who wrote it, from where."""
    parts = []
    for name in freshness.own:
        if name == "confirmed_on":
            said = conditional_escape(_("confirmed %(day)s") % {"day": day(freshness.confirmed_on)})
            if freshness.stale:
                stale = conditional_escape(freshness.stale)
                parts.append(f'<span class="fresh-word">{icon("clock-exclamation")}{stale}</span>')
            parts.append(f"<span>{said}</span>")
        elif name == "is_assumption":
            if freshness.is_assumption:
                word = conditional_escape(_("Assumption"))
                parts.append(f'<span class="fresh-assumption">{icon("question-mark")}{word}</span>')
            else:
                parts.append(f"<span>{icon('check')}{conditional_escape(_('Fact'))}</span>")
        elif text := getattr(freshness, name):
            parts.append(f"<span>{conditional_escape(text)}</span>")
    if not parts:
        return ""
    is_stale = freshness.stale and "confirmed_on" in freshness.own
    return mark_safe(
        f'<span class="fresh{" fresh-stale" if is_stale else ""}">{"".join(parts)}</span>'
    )


@register.simple_tag
def acts(part, entry):
    """Confirm, edit, history, delete of one entry; only history where nothing may be changed."""
    name = conditional_escape(str(entry.record))
    base = f"{part.url}{entry.pk}/"
    history = _link(f"{base}history/", "history", _("History"), name)
    if not part.is_editable:
        return mark_safe(f'<span class="acts">{history}</span>')
    confirm = f"{base}confirm/{part.query}"
    still = conditional_escape(_("Still true"))
    button = (
        f'<button class="btn btn-quiet btn-icon btn-sm" type="submit" form="{part.key}-acts" id="{part.key}-{entry.pk}-confirm"'
        f' formaction="{confirm}" hx-post="{confirm}" title="{still}" aria-label="{still}: {name}">{icon("check")}</button>'
    )
    edit = _link(f"{base}edit/{part.query}", "pencil", _("Edit"), name, in_place=True)
    delete = _link(f"{base}delete/{part.query}", "trash", _("Delete"), name, in_place=True)
    return mark_safe(f'<span class="acts">{button}{edit}{history}{delete}</span>')


def _link(url: str, icon_name: str, word: str, name: str, *, in_place: bool = False) -> str:
    word = conditional_escape(word)
    get = f' hx-get="{url}"' if in_place else ""
    return (
        f'<a class="btn btn-quiet btn-icon btn-sm" href="{url}"{get} title="{word}" aria-label="{word}: {name}">'
        f"{icon(icon_name)}</a>"
    )


@register.simple_tag
def value(cell):
    """The text of a cell: an address leads somewhere, what it means today stands beside it."""
    text = conditional_escape(cell.text)
    if cell.kind == "link" and cell.text.startswith(("http://", "https://")):
        shown = text.removeprefix("https://").removeprefix("http://").rstrip("/")
        text = format_html(
            '<a class="link" href="{}" rel="noopener noreferrer">{}</a>', cell.text, shown
        )
    elif cell.kind == "mail" and cell.text:
        text = format_html('<a class="link" href="mailto:{}">{}</a>', cell.text, cell.text)
    if cell.hint:
        text = format_html(
            '{} <span class="hint hint-{}">{}</span>', text, cell.tone or "quiet", cell.hint
        )
    return text


@register.simple_tag
def stance(record):
    step, icon_name = STANCES[record.stance]
    return format_html(
        '<span class="stance stance-{}">{}{}</span>',
        step,
        icon(icon_name),
        record.get_stance_display(),
    )


@register.simple_tag
def kind_icon(kind):
    return icon(KIND_ICONS.get(kind, "note"))
