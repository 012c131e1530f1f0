"""A person's own page: name, language, appearance, password."""

import pghistory
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.models import User


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    # Fetched anew: a form with mistakes must not put them into the head of the page.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        with pghistory.context(user=person.pk):
            form.save()
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        answer = redirect("accounts:profile")
        # The sign-in page does not know who is there: it goes by the cookie.
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            person.language,
            max_age=365 * 24 * 60 * 60,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return answer
    status = 422 if form.is_bound else 200
    return render(
        request, "accounts/profile.html", {"form": form, "person": request.user}, status=status
    )
