"""The place where files are dropped or chosen."""

from django import template
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string

from dossiers import attaching
from dossiers.recognising import BY_ENDING, ENDINGS

register = template.Library()


@register.simple_tag
def drop_zone(part):
    if not part.is_editable:
        return ""
    context = {
        "part": part,
        "limit": attaching.size_limit(),
        "limit_text": filesizeformat(attaching.size_limit()),
        "kinds": ENDINGS,
        "accept": ",".join(f".{ending}" for ending in BY_ENDING),
    }
    return render_to_string("dossiers/_drop.html", context)
