"""How much a request may carry. Without this, anybody could fill the disk: Django writes what is sent to
temporary files before it asks who sent it."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from accounts.access import may
from accounts.authentication import BearerToken
from accounts.models import User
from dossiers import attaching
from dossiers.models import Dossier
from segmentation.sales_import import size_limit

# No form of ours comes near it.
USUAL_LIMIT = 10 * 1024**2
# What a form adds to the file that it carries.
AROUND_A_FILE = 1024**2


class BodyLimit:
    """Large bodies are files of sales, and come from those who import them, or files for a dossier, from those who
    may edit it; everything else gets a 413.

    Stands behind the person and before the views, where the body is first read. A body that does not say
    how long it is counts as empty.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or ""
        if len(length) > 7 and length.isdecimal() and int(length) > _limit(request):
            return HttpResponse(
                _("This file is too large."), content_type="text/plain; charset=utf-8", status=413
            )
        return self.get_response(request)


def _limit(request) -> int:
    """In bytes, for this person at this address."""
    person = _person(request)
    if may(person, "import_sales"):
        return size_limit() + AROUND_A_FILE
    dossier = _dossier_to_attach_to(request)
    if dossier and Dossier.objects.editable_by(person).filter(pk=dossier).exists():
        return max(attaching.body_limit() + AROUND_A_FILE, USUAL_LIMIT)
    return USUAL_LIMIT


def _dossier_to_attach_to(request) -> int | None:
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return None
    return found.kwargs["dossier_id"] if found.view_name == "dossiers:attach" else None


def _person(request) -> User | AnonymousUser:
    """By session, or by token: views of the API look at tokens themselves, but later."""
    if request.user.is_authenticated:
        return request.user
    try:
        found = BearerToken().authenticate(request)
    except AuthenticationFailed:
        found = None
    return found[0] if found else AnonymousUser()
