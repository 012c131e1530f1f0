"""Addresses of dossiers: choosing and handing over, revisions, and the dossier itself."""

from django.urls import path

from dossiers.views import assigning, reviewing, selecting

app_name = "dossiers"

# ── Choosing key clients, handing them over, revising ───────────────────────────────────────
work_urls = [
    path("clients/<int:client_id>/make-key/", selecting.make_key, name="make_key"),
    path("clients/<int:client_id>/release/", selecting.release, name="release"),
    path("clients/<int:client_id>/assign/", assigning.assign, name="assign"),
    path("clients/<int:client_id>/assign/deputy/", assigning.deputy, name="deputy"),
    path("clients/<int:client_id>/assign/deputy/dismiss/", assigning.dismiss_deputy, name="dismiss_deputy"),
    path("revisions/", reviewing.reviews, name="reviews"),
    path("revisions/begin/<int:dossier_id>/", reviewing.begin, name="review_begin"),
    path("revisions/<int:review_id>/", reviewing.review, name="review"),
    path("revisions/<int:review_id>/go-through/", reviewing.go_through, name="review_go_through"),
    path("revisions/<int:review_id>/submit/", reviewing.submit, name="review_submit"),
    path("revisions/<int:review_id>/accept/", reviewing.accept, name="review_accept"),
    path("revisions/<int:review_id>/return/", reviewing.return_, name="review_return"),
]

urlpatterns = [
    *work_urls,
]
