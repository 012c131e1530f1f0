from django.urls import path

from portfolio.views import concentration, leaving, overview, search, tendering, today, undelivered

app_name = "portfolio"

urlpatterns = [
    path("", today.today, name="today"),
    path("portfolio/", overview.portfolio, name="portfolio"),
    path("portfolio/tenders/", tendering.tenders_page, name="tenders"),
    path("portfolio/concentration/", concentration.concentration, name="concentration"),
    path("portfolio/what-if/", leaving.what_if, name="what_if"),
    path("portfolio/what-if/keep/", leaving.keep, name="keep_scenario"),
    path("portfolio/scenarios/<int:pk>/", leaving.scenario, name="scenario"),
    path("portfolio/scenarios/<int:pk>/rename/", leaving.rename, name="rename_scenario"),
    path("portfolio/scenarios/<int:pk>/delete/", leaving.delete, name="delete_scenario"),
    path("portfolio/scenarios/<int:pk>/pdf/", leaving.print_scenario, name="print_scenario"),
    path("portfolio/scenarios/<int:pk>/clients.xlsx", leaving.workbook, name="scenario_workbook"),
    path("search/", search.search, name="search"),
    path("undelivered/<int:person_id>/", undelivered.try_again, name="try_again"),
]
