"""The API's addresses: each floor registers its own, this one describes them all."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

import accounts.api
import dossiers.api
import portfolio.api
import segmentation.api
from dossiers.api_writing import EntryView, PieceView
from kam import api_docs

router = SimpleRouter()
for floor in (accounts.api, segmentation.api, dossiers.api, portfolio.api):
    floor.register(router)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api_docs.docs, name="docs"),
    path("dossiers/<int:dossier_id>/<slug:piece>/", PieceView.as_view(), name="piece"),
    path("dossiers/<int:dossier_id>/<slug:piece>/<int:pk>/", EntryView.as_view(), name="entry"),
    path("", include(router.urls)),
]
app_name = "api"
