"""Small things every page draws with: icons, initials, the looks of states, navigation items."""

import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.shelf import SHELF

register = template.Library()

ICONS = Path(settings.BASE_DIR) / "static" / "vendor" / "tabler-icons"

# state: (word, icon, tone). The tone picks a colour and a shape in kam.css; the word and the icon
# carry the meaning for whoever does not see the colour.
STATES = {
    # a revision
    "planned": (_("Planned"), "calendar", "quiet"),
    "upcoming": (_("Coming up"), "calendar-event", "quiet"),
    "due": (_("Due"), "calendar-due", "warn"),
    "overdue": (_("Overdue"), "clock-exclamation", "bad"),
    "raised": (_("To be gone through"), "calendar-due", "warn"),
    "open": (_("Under way"), "pencil", "accent"),
    "in_progress": (_("Under way"), "pencil", "accent"),
    "submitted": (_("Submitted"), "send", "accent"),
    "returned": (_("Returned"), "arrow-back-up", "warn"),
    "accepted": (_("Accepted"), "circle-check", "ok"),
    "ended": (_("Ended"), "ban", "quiet"),
    "up_to_date": (_("Up to date"), "circle-check", "ok"),
    # a job
    "uploaded": (_("Waits for its columns"), "hourglass", "warn"),
    "queued": (_("Waiting"), "hourglass", "quiet"),
    "pending": (_("Waiting"), "hourglass", "quiet"),
    "running": (_("Running"), "player-play", "accent"),
    "succeeded": (_("Done"), "circle-check", "ok"),
    "done": (_("Done"), "circle-check", "ok"),
    "failed": (_("Failed"), "circle-x", "bad"),
    "undone": (_("Undone"), "arrow-back-up", "quiet"),
    "dropped": (_("Dropped"), "ban", "quiet"),
    "cancelled": (_("Discarded"), "ban", "quiet"),
    # the stage of a client
    "prospect": (_("Prospect"), "eye", "quiet"),
    "regular": (_("Regular"), "circle", "quiet"),
    "candidate": (_("Candidate"), "flag", "warn"),
    "key": (_("Key client"), "key", "accent"),
    "lost": (_("Lost"), "user-off", "bad"),
    # what somebody entered
    "fact": (_("Fact"), "check", "ok"),
    "assumption": (_("Assumption"), "question-mark", "warn"),
    "stale": (_("Stale"), "clock-exclamation", "warn"),
}


@lru_cache(maxsize=512)
def _drawing(name: str) -> str:
    """The inside of an icon's <svg> and its fill. A missing icon is a mistake in a template: it raises."""
    path = ICONS / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise template.TemplateSyntaxError(
            f'There is no icon "{name}" in static/vendor/tabler-icons: choose one from there, or add it (see VENDOR.toml).'
        )
    svg = path.read_text(encoding="utf-8")
    inside = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    inside = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", inside)
    inside = re.sub(r">\s+<", "><", inside).strip().replace(" />", "/>")
    filled = 'fill="currentColor"' in svg[: svg.index(">")]
    paint = (
        'fill="currentColor"' if filled else 'fill="none" stroke="currentColor" stroke-width="1.75"'
    )
    return (
        f'viewBox="0 0 24 24" {paint} stroke-linecap="round" stroke-linejoin="round">{inside}</svg>'
    )


@register.simple_tag
def icon(name, css="", label=""):
    """`{% icon "users" %}`; `css` adds classes; with `label` the icon speaks, else readers skip it."""
    return _icon(str(name), str(css), str(label))


@lru_cache(maxsize=1024)
def _icon(name: str, css: str, label: str):
    drawing = mark_safe(_drawing(name))
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}" {}', css, label, drawing
        )
    return format_html('<svg class="icon {}" aria-hidden="true" {}', css, drawing)


@register.filter
def initials(name) -> str:
    """ "Anna Maria Nowak" → "AN"."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def state_look(state) -> dict:
    """`{"word", "icon", "tone"}` of a state; an unknown one is shown as it is written."""
    code = str(getattr(state, "value", state) or "")
    word, name, tone = STATES.get(code, (code.replace("_", " ").capitalize(), "circle", "quiet"))
    return {"word": word, "icon": name, "tone": tone}


@register.filter
def heat(part) -> int:
    """A share 0…1 as a depth of colour 0…5: 0 is nothing at all, 5 is over 40 %."""
    try:
        value = float(part or 0)
    except (TypeError, ValueError):
        return 0
    return sum(value > limit for limit in (0, 0.02, 0.08, 0.2, 0.4))


@register.filter
def percent(part) -> str:
    """A share 0…1 as a whole per cent for an SVG or <progress> attribute (never localised): 0.624 → "62"."""
    try:
        return str(max(0, min(100, round(float(part or 0) * 100))))
    except (TypeError, ValueError):
        return "0"


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(context, url_name, label, icon_name, also="", elsewhere=""):
    """One item of the navigation. A page that does not exist yet has no item.

    The item is current on its own page and on those below it; `also` names further path
    prefixes, blank separated; `elsewhere` names those below it that another item stands for.
    `url_name` may name several: the first that exists is taken.
    """
    url = ""
    for name in url_name.split():
        with suppress(NoReverseMatch):
            url = reverse(name)
            break
    if not url:
        return {"url": ""}
    request = context.get("request")
    path = getattr(request, "path", "")
    below = [url] if url != "/" else []
    current = path == url or any(path.startswith(prefix) for prefix in below + also.split())
    current = current and not any(path.startswith(prefix) for prefix in elsewhere.split())
    return {"url": url, "label": label, "icon_name": icon_name, "current": current}


@register.simple_tag
def kept(what, name):
    """What has a `state` and `contents()`, drawn by the template of that name, once for each state."""

    def draw() -> str:
        return get_template(name).template.render(template.Context(what.contents()))

    return SHELF.get((get_language(), what.state), draw)
