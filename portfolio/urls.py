from django.urls import path

from portfolio.views import overview, search, tendering, today

app_name = "portfolio"

urlpatterns = [
    path("", today.today, name="today"),
    path("portfolio/", overview.portfolio, name="portfolio"),
    path("portfolio/tenders/", tendering.tenders_page, name="tenders"),
    path("search/", search.search, name="search"),
]
