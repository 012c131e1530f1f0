"""Addresses of dossiers: choosing and handing over, revisions, and the dossier itself."""

from django.urls import path, register_converter

from dossiers.sections import Section
from dossiers.views import (
    as_of,
    assigning,
    attaching,
    card,
    dossier,
    editing,
    history,
    noting,
    pdf,
    proposing,
    reviewing,
    section,
    selecting,
    taking_over,
    timeline,
)

app_name = "dossiers"


class OneSection:
    """A section by its name; anything else is no address of a section."""

    regex = "|".join(Section.values)

    def to_python(self, value):
        return value

    def to_url(self, value):
        return str(value)


register_converter(OneSection, "section")

# ── Choosing key clients, handing them over, revising ───────────────────────────────────────
work_urls = [
    path("clients/<int:client_id>/make-key/", selecting.make_key, name="make_key"),
    path("clients/<int:client_id>/types/<slug:client_type>/", proposing.decide, name="decide_type"),
    path("dossiers/<int:dossier_id>/type-offer/", proposing.offer, name="type_offer"),
    path("clients/<int:client_id>/release/", selecting.release, name="release"),
    path("clients/<int:client_id>/assign/", assigning.assign, name="assign"),
    path("clients/<int:client_id>/assign/deputy/", assigning.deputy, name="deputy"),
    path(
        "clients/<int:client_id>/assign/deputy/dismiss/",
        assigning.dismiss_deputy,
        name="dismiss_deputy",
    ),
    path("revisions/", reviewing.reviews, name="reviews"),
    path("revisions/begin/<int:dossier_id>/", reviewing.begin, name="review_begin"),
    path("revisions/<int:review_id>/", reviewing.review, name="review"),
    path("revisions/<int:review_id>/copy/", as_of.frozen_copy, name="review_copy"),
    path("revisions/<int:review_id>/go-through/", reviewing.go_through, name="review_go_through"),
    path("revisions/<int:review_id>/submit/", reviewing.submit, name="review_submit"),
    path("revisions/<int:review_id>/accept/", reviewing.accept, name="review_accept"),
    path("revisions/<int:review_id>/return/", reviewing.return_, name="review_return"),
]

# ── Reading and writing a dossier ───────────────────────────────────────────────────────────
PIECE = "dossiers/<int:dossier_id>/<section:section>/<slug:piece>/"
dossier_urls = [
    path("clients/", card.key_clients, name="key_clients"),
    path("clients/<int:client_id>/", card.card, name="card"),
    path("dossiers/", dossier.mine, name="mine"),
    path("note/", noting.choose, name="note_where"),
    path("dossiers/<int:dossier_id>/note/", noting.note, name="note"),
    path("dossiers/<int:dossier_id>/", dossier.dossier, name="dossier"),
    path("dossiers/<int:dossier_id>/as-of/", as_of.as_of, name="as_of"),
    path("dossiers/<int:dossier_id>/compare/", as_of.compare, name="compare"),
    path("dossiers/<int:dossier_id>/pdf/", pdf.full, name="pdf"),
    path("dossiers/<int:dossier_id>/<section:section>/", section.section, name="section"),
    # A new attachment is a file, so its "add" is not that of the other pieces.
    path("dossiers/<int:dossier_id>/attachments/attachments/add/", attaching.attach, name="attach"),
    path(
        "dossiers/<int:dossier_id>/attachments/<int:pk>/preview/",
        attaching.preview,
        name="attachment_preview",
    ),
    path(
        "dossiers/<int:dossier_id>/attachments/<int:pk>/<str:name>",
        attaching.file,
        name="attachment",
    ),
    path("dossiers/<int:dossier_id>/<section:section>/stale/", section.stale, name="stale"),
    path(
        "dossiers/<int:dossier_id>/relationship/timeline/fields/",
        timeline.fields,
        name="timeline_fields",
    ),
    path(
        "dossiers/<int:dossier_id>/relationship/timeline/<int:pk>/resolve/",
        timeline.resolve,
        name="resolve",
    ),
    path(
        "dossiers/<int:dossier_id>/relationship/ties/from-coverage/",
        taking_over.ties_from_coverage,
        name="ties_from_coverage",
    ),
    path(PIECE, section.piece, name="piece"),
    path(f"{PIECE}history/", history.whole, name="piece_history"),
    path(f"{PIECE}confirm/", editing.confirm_piece, name="confirm_piece"),
    path(f"{PIECE}add/", editing.add, name="add"),
    path(f"{PIECE}<int:pk>/edit/", editing.edit, name="edit"),
    path(f"{PIECE}<int:pk>/delete/", editing.delete, name="delete"),
    path(f"{PIECE}<int:pk>/confirm/", editing.confirm, name="confirm"),
    path(f"{PIECE}<int:pk>/history/", history.entry, name="history"),
    path(f"{PIECE}<int:pk>/put-back/", history.put_back, name="put_back"),
    path(f"{PIECE}<int:pk>/bring-back/", history.bring_back, name="bring_back"),
]

urlpatterns = [
    *work_urls,
    *dossier_urls,
]
