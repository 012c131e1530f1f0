"""Addresses of a page that exists in the tests only: a card edited in place, as docs/design.md tells to."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

PAGE = """{% extends "base.html" %}{% load i18n kam_ui %}
{% block title %}Parts{% endblock %}{% block heading %}Parts{% endblock %}
{% block content %}<div class="stack">CARD
<div class="cluster">{% for state in states %}{% include "components/state.html" with state=state label="" %}{% endfor %}
{% include "components/segment.html" with segment="AX" trend="up" previous="BX" %}
{% include "components/segment.html" with segment="BY" trend="down" previous="" %}
{% include "components/segment.html" with segment="" trend="" %}
<span class="fresh fresh-stale"><span class="fresh-word">Stale</span><span>Ewa</span></span></div>
<div class="tiles">{% include "components/tile.html" with label="Overdue" value=3 tone="bad" url="#x" note="" %}</div>
{% include "components/matrix.html" with rows=rows caption="Clients by segment" %}
{% include "components/note.html" with tone="warn" text="No champion yet." %}
</div>{% endblock %}"""

CARD = """{% load i18n kam_ui %}<section class="card" id="contracts" aria-labelledby="contracts-title">
{% include "components/card_head.html" with id="contracts" title="Contracts" add_url=add_url add_label="Add a contract" %}
<div class="card-body">{% if form %}<form class="inline-form" data-inline method="post" action="/add/" hx-post="/add/"
 hx-target="#contracts" hx-swap="outerHTML" novalidate>{% csrf_token %}{{ form }}
<div class="form-foot"><button class="btn btn-primary" type="submit">Save</button>
<a class="btn btn-quiet" data-cancel href="/card/" hx-get="/card/" hx-target="#contracts" hx-swap="outerHTML">Cancel</a></div></form>{% else %}
<ul class="entries"><li class="entry"><h3 class="entry-title">K-118</h3>
<div class="entry-actions">{% include "components/confirm.html" with url="/card/" label="Delete" question="Delete this?" yes="Delete it" icon="trash" icon_only=True %}</div>
</li></ul>{% endif %}</div></section>"""


class Contract(forms.Form):
    number = forms.CharField()
    note = forms.CharField(widget=forms.Textarea, required=False)


def _answer(request, source, status=200, **context):
    return HttpResponse(Template(source).render(RequestContext(request, context)), status=status)


@login_not_required
def page(request):
    return _answer(
        request,
        PAGE.replace("CARD", CARD),
        add_url="/add/",
        states=["due", "overdue", "submitted", "returned", "accepted", "running", "failed", "key"],
        rows=[
            {
                "abc": abc,
                "cells": [
                    {"code": abc + xyz, "count": at, "share": share, "url": "#x", "do": "Do"}
                    for at, (xyz, share) in enumerate(zip("XYZ", shares, strict=True))
                ],
            }
            for abc, shares in zip(
                "ABC", [(0.5, 0.3, 0.15), (0.05, 0.03, 0.01), (0, 0.1, 0.3)], strict=True
            )
        ],
    )


@login_not_required
def card(request):
    return _answer(request, CARD, add_url="/add/")


@login_not_required
def add(request):
    form = Contract(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            return card(request)
        return _answer(request, CARD, status=422, form=form)
    return _answer(request, CARD, form=form)


urlpatterns = [
    path("", page),
    path("card/", card),
    path("add/", add),
    path("account/", include("allauth.account.urls")),
    # What the navigation leads to.
    *[path("", include(f"{floor}.urls")) for floor in ("accounts", "dossiers", "portfolio")],
]
