"""One address, page or part: the server picks what to send, from who asks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def page_or_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page, or for HTMX only `{% partialdef part %}` of it. `status` 422 says that a form has mistakes."""
    name = f"{template}#{part}" if request.htmx else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_on_to(request: HttpRequest, page: str, *args: Any) -> HttpResponse:
    """Lead to another page. HTMX would put a part of that page into this one: it is told to load it whole."""
    if request.htmx:
        return HttpResponseClientRedirect(resolve_url(page, *args))
    return redirect(page, *args)
