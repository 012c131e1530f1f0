"""E-mails that were given up, since the address refused them for a day: owed again when the administrator says so."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import mailing
from accounts.access import only_if
from accounts.models import User
from dossiers.models import Notice
from segmentation.models import SlippingNotice

# Whatever is owed by e-mail on any floor.
OWED = (Notice, SlippingNotice)


@only_if("administer")
@require_POST
def try_again(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=person_id)
    number = mailing.try_again(person, *OWED)
    if number:
        said = ngettext(
            "%(number)d e-mail to %(person)s is sent within the next minutes.",
            "%(number)d e-mails to %(person)s are sent within the next minutes.",
            number,
        )
        messages.success(request, said % {"number": number, "person": person})
    else:
        messages.info(request, _("Nothing was left to send to %(person)s.") % {"person": person})
    return redirect("portfolio:today")
