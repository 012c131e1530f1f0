from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from accounts.models import Client


class SignInRequired(LoginRequiredMiddleware):
    """Every page needs a signed-in person, unless its view says `login_not_required`.

    A part of a page asked for by HTMX after the session ended must not put the sign-in form into a
    corner of the page: the browser is told to go to the sign-in page as a whole and to come back.

    The API's own views declare that they ask for themselves: 401 with a challenge instead of a page.
    """

    def handle_no_permission(self, request, view_func):
        if not request.headers.get("HX-Request"):
            return super().handle_no_permission(request, view_func)
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))
        target = redirect_to_login(here.path or "/", self.get_login_url(view_func))
        # The page hears that nothing was saved before it leaves: what was typed is kept as a draft.
        return HttpResponse(headers={"HX-Redirect": target.url, "HX-Trigger": "signed-out"})


class PersonLocaleMiddleware:
    """Pages speak the language that the signed-in person chose; before sign-in, the browser's."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class MergedClients:
    """An address of a client that was merged into another leads to the same page of that one.

    Asked only where a page was not found, so that no other page pays for it; a person is led only to a
    client whose card he may open.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        match = request.resolver_match
        if (
            not isinstance(exception, Http404)
            or request.method not in ("GET", "HEAD")
            or match is None
            or "client_id" not in match.kwargs
        ):
            return None
        kept = (
            Client.objects.with_card_for(request.user)
            .filter(merged_clients=match.kwargs["client_id"])
            .values_list("pk", flat=True)
            .first()
        )
        if kept is None:
            return None
        path = reverse(match.view_name, kwargs={**match.kwargs, "client_id": kept})
        query = request.META.get("QUERY_STRING")
        return HttpResponseRedirect(f"{path}?{query}" if query else path)
