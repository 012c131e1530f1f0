"""Tenders over all dossiers a person may read: totals, and the tenders behind each of them."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import may, only_if
from accounts.answering import page_or_part
from dossiers import tender_cards, tenders
from portfolio import tendering

PAGE = 30


@only_if("open_dossiers")
@require_safe
def tenders_page(request: HttpRequest) -> HttpResponse:
    channels = tendering.channels(request.user)
    chosen, period = tenders.chosen(request.GET), tendering.period(request.GET, channels)
    found = tendering.of(request.user, period)
    sums = tendering.sums(found)
    behind = tendering.behind(found, chosen, sums)
    page = Paginator(behind, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "totals": sums.totals,
        "tables": tender_cards.tables(sums.totals, kept=period.pairs),
        "hit_rate": tender_cards.hit_rate(sums.totals),
        "hit_rate_from": tender_cards.hit_rate_from(sums.totals),
        "rows": [tender_cards.row(tender, today=today) for tender in page.object_list],
        "page": page,
        "chosen": chosen,
        "period": period,
        "channels": channels,
        "query": urlencode([*period.pairs, *chosen.pairs]),
        "whole_url": f"{reverse('portfolio:tenders')}?{urlencode(period.pairs)}",
        "sees_all": may(request.user, "see_portfolio"),
    }
    return page_or_part(request, "portfolio/tenders.html", "tender-totals-part", context)
