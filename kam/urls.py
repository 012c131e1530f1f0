"""Every address of the product, by floor."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.urls import include, path
from django.views.i18n import set_language

from accounts.admin import site as administration
from kam import health

# The sign-in package brings pages that this house does not use: who may sign in, and with which
# address, is the administrators' business.
NOT_USED = ("email/", "confirm-email/", "confirm-email/<str:key>/", "login/code/confirm/")


def not_used(request, **_parameters):
    raise Http404


urlpatterns = [
    path("health/", health.readiness, name="health"),
    path("health/live", health.liveness, name="health_live"),
    # Before signing in the language lives in a cookie; afterwards it is the person's own.
    path("language/", login_not_required(set_language), name="set_language"),
    *[path(f"account/{page}", not_used) for page in NOT_USED],
    path("account/", include("allauth.account.urls")),
    path("api/", include("kam.api")),
    path("admin/", administration.urls),
    path("", include("accounts.urls")),
    path("", include("segmentation.urls")),
    path("", include("dossiers.urls")),
    path("", include("portfolio.urls")),
]
