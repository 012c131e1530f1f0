from django.urls import path

from segmentation.views import clients, comparing, explaining, imports, matrix, runs
from segmentation.views import prospects, selection

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
    path("segmentation/<int:pk>/segments.xlsx", matrix.workbook, name="workbook"),
    path("segmentation/<int:pk>/clients/", matrix.segments, name="segments"),
    path("segmentation/<int:pk>/clients.xlsx", matrix.segments_xlsx, name="segments_xlsx"),
    path("segmentation/<int:pk>/clients/<int:client_id>/", explaining.explain, name="explain"),
    path("segmentation/<int:pk>/compare/", comparing.choose, name="choose_comparison"),
    path("segmentation/<int:pk>/compare/<int:other>/", comparing.compare, name="compare"),
    path(
        "segmentation/<int:pk>/compare/<int:other>/moves.csv", comparing.moves_csv, name="moves_csv"
    ),
    path(
        "segmentation/<int:pk>/compare/<int:other>/moves.xlsx",
        comparing.moves_xlsx,
        name="moves_xlsx",
    ),
    path("segmentation/actions/<str:cell>/", matrix.action, name="action"),
    path("clients/ranked/", clients.ranked, name="clients"),
    path("clients/<int:client_id>/nominate/", clients.nominate, name="nominate"),
    path("clients/<int:client_id>/figures/", clients.figures, name="client"),
    path("selection/", selection.selection, name="selection"),
    path("selection/new-prospect/", prospects.new_prospect, name="new_prospect"),
    path("selection/<int:client_id>/", selection.client, name="selection_client"),
    path("selection/<int:client_id>/judge/<slug:criterion>/", selection.judge, name="judge"),
    path("selection/<int:client_id>/qualify/", selection.qualify, name="qualify"),
    path("selection/<int:client_id>/decide/", selection.decide, name="decide"),
]
