from django.urls import path

from segmentation.views import clients, imports, runs

app_name = "segmentation"

urlpatterns = [
    path("sales/imports/", imports.imports, name="imports"),
    path("sales/imports/<int:pk>/", imports.sales_import, name="import"),
    path("sales/imports/<int:pk>/discard/", imports.discard, name="discard_import"),
    path("sales/imports/<int:pk>/rejected.csv", imports.rejected, name="rejected"),
    path("segmentation/", runs.runs, name="runs"),
    path("segmentation/<int:pk>/", runs.run, name="run"),
    path("segmentation/<int:pk>/in-force/", runs.in_force, name="put_in_force"),
    path("segmentation/<int:pk>/segments.csv", runs.export, name="export"),
    path("segmentation/<int:pk>/clients/", runs.segments, name="segments"),
    path("clients/ranked/", clients.ranked, name="clients"),
    path("clients/<int:client_id>/nominate/", clients.nominate, name="nominate"),
    path("clients/<int:client_id>/figures/", clients.figures, name="client"),
]
