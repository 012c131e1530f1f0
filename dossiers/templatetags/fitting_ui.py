"""How the forms of timeline and tenders are laid out; see `dossiers.fitting`."""

from django import template

from dossiers import fitting

register = template.Library()


@register.simple_tag
def fitting_of(form):
    return fitting.fitting(form)


@register.simple_tag
def always_of(form):
    """The fields that every entry of the timeline has; the kind asks for the others when it changes."""
    fitting.ask_again(form)
    return [form[name] for name in fitting.ALWAYS if name in form.fields]


@register.simple_tag
def provenance_of(form):
    return [form[name] for name in fitting.PROVENANCE if name in form.fields]


@register.simple_tag
def tender_groups_of(form):
    form.fields["winner"].widget.attrs["list"] = "winner-known"
    return fitting.tender_groups(form)


@register.simple_tag
def rivals_of(form):
    return fitting.rivals(form.dossier)
