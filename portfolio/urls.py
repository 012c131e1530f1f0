from django.urls import path

from portfolio.views import overview, search, tendering, today, undelivered

app_name = "portfolio"

urlpatterns = [
    path("", today.today, name="today"),
    path("portfolio/", overview.portfolio, name="portfolio"),
    path("portfolio/tenders/", tendering.tenders_page, name="tenders"),
    path("search/", search.search, name="search"),
    path("undelivered/<int:person_id>/", undelivered.try_again, name="try_again"),
]
