from django.urls import path

from portfolio.views import overview, search, today

app_name = "portfolio"

urlpatterns = [
    path("", today.today, name="today"),
    path("portfolio/", overview.portfolio, name="portfolio"),
    path("search/", search.search, name="search"),
]
