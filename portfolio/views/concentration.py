"""How much of our sales hangs on a few clients: figures for head and analyst."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts import remembered
from accounts.access import may, only_if
from accounts.answering import page_or_part
from accounts.models import Client
from portfolio import concentrating
from segmentation import concentration_figures, policies
from segmentation.models import Measure

PAGE = 50
LENGTHS = (3, 6, 12, 24, 36)


@only_if("see_all_figures")
@require_safe
def concentration(request: HttpRequest) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    standing = remembered.look()
    window = concentration_figures.window_from(request.GET, today=today, standing=standing)
    context = {"sees_portfolio": may(user, "see_portfolio")}
    if window is None:
        return page_or_part(request, "portfolio/concentration.html", "concentration", context)
    figures = concentration_figures.of(window, user=user, standing=standing)
    ends = concentration_figures.trend(window, user=user, standing=standing)
    policy = policies.current()
    page = Paginator(figures.clients, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    names = Client.objects.visible_to(user).in_bulk(
        {one.client for one in (*shown, *figures.clients[:1])}
    )
    largest = names[figures.clients[0].client].name if figures.clients else ""
    known = concentration_figures.spans(standing=standing)
    context |= {
        "window": window,
        "figures": figures,
        "policy": policy,
        "tiles": concentrating.tiles(figures, policy, largest=largest),
        "pareto": concentrating.pareto(figures) if figures.curve else None,
        "ends": ends[::-1],
        "shares_chart": concentrating.shares_over_time(ends) if len(ends) > 1 else None,
        "index_chart": concentrating.index_over_time(ends) if len(ends) > 1 else None,
        "rows": _rows(figures, shown, page.start_index(), names),
        "page": page,
        "query": urlencode(window.pairs),
        "currencies": sorted(known),
        "span": known[window.currency],
        "lengths": sorted({*LENGTHS, window.months}),
        "measures": Measure.choices,
    }
    return page_or_part(request, "portfolio/concentration.html", "concentration", context)


def _rows(figures, shown, first: int, names: dict[int, Client]) -> list[dict]:
    """The clients of one page; those below nought stand last and hold no share."""
    rows = []
    for place, one in enumerate(shown, first):
        amount = figures.amount(one)
        has_share = place <= len(figures.curve)
        before = figures.curve[place - 2] if 1 < place <= len(figures.curve) else 0
        rows.append(
            {
                "place": place,
                "client": names[one.client],
                "amount": amount,
                "share": figures.curve[place - 1] - before if has_share else None,
                "running": figures.curve[place - 1] if has_share else None,
                "total": one,
            }
        )
    return rows
