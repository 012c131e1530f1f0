"""The buttons of the history: drawn here and not by templates, because a page shows dozens of them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from accounts.templatetags.kam_ui import icon
from dossiers.history import FieldChange, GivenUp

register = template.Library()

_FORM = (
    '<form class="put-back" method="post" action="{}{}/{}/put-back/">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
    '<button class="btn btn-quiet btn-sm" type="submit">{}{}<span class="visually-hidden">: {}</span></button></form>'
)


@register.simple_tag(takes_context=True)
def put_back(context, section_url, piece, happening, what, whole=False):
    """The form that puts back the earlier value of a change, a value given up, or (for "") the entry as it stood then."""
    sent = {"version": happening.now}
    word = _("Put back")
    if isinstance(what, FieldChange):
        sent |= {"of": what.back_to, "field": what.name}
        says = f"{what.label}: {what.before or _('empty')}"
    elif isinstance(what, GivenUp):
        sent |= {"of": what.version, "field": what.name, "given_up": 1}
        says = f"{what.label}: {what.text}"
    else:
        sent |= {"of": happening.version}
        word, says = _("Put all back as it stood then"), happening.entry or piece.label
    if whole:
        sent["whole"] = 1
    return format_html(
        _FORM,
        section_url,
        piece.key,
        happening.pk,
        context["csrf_token"],
        format_html_join("", '<input type="hidden" name="{}" value="{}">', sent.items()),
        icon("arrow-back-up", "icon-sm"),
        word,
        says,
    )
