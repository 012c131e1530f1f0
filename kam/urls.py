"""Every address of the product, by floor."""

from django.contrib import admin
from django.urls import include, path

from kam import health

urlpatterns = [
    path("health/", health.readiness, name="health"),
    path("health/live", health.liveness, name="health_live"),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
