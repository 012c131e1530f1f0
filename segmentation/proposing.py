"""Types of key client that the sales propose, and what the head made of them.

A *breadwinner* brings the share of our sales that the policy names (10 % at first) or more, over twelve months.
*Promising* is proposed for a client of class B in the run in force whose sales grew by a tenth or more on the
months before: not among the largest yet, and on its way. An *image-maker* and an *expert* are never
proposed: no figure knows whose name lends us reputation. Those are set by hand.
"""

import datetime
from dataclasses import dataclass
from fractions import Fraction

import pghistory
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.access import may
from accounts.models import Client, User
from accounts.templatetags.kam_format import change, number, share
from accounts.templatetags.kam_format import month as month_name
from segmentation import criteria, selection_figures
from segmentation.criteria import Rules
from segmentation.models import Segment, SegmentationRun, TypeProposal
from segmentation.models.selection import ProposalState
from segmentation.selection_figures import Finding, Window

BREADWINNER, PROMISING = "breadwinner", "promising"
PROMISING_GROWTH = Fraction(1, 10)
PROMISING_CLASS = "B"
LABELS: dict[str, str | Promise] = {
    BREADWINNER: pgettext_lazy("type of key client", "Breadwinner"),
    PROMISING: pgettext_lazy("type of key client", "Promising"),
}


class ProposalRefused(Exception):
    """Nothing was stored; the text is a sentence for the person."""


class NotAllowed(ProposalRefused):
    pass


class NotProposed(ProposalRefused):
    pass


@dataclass(frozen=True)
class Proposal:
    """`basis`: what it is proposed from, a sentence; `decided`: what a head made of it, if one did."""

    client_type: str
    basis: str
    is_proposed: bool
    decided: TypeProposal | None

    @property
    def label(self) -> str:
        return str(LABELS.get(self.client_type, self.client_type))

    @property
    def is_open(self) -> bool:
        return self.is_proposed and self.decided is None

    @property
    def is_confirmed(self) -> bool:
        return self.decided is not None and self.decided.state == ProposalState.CONFIRMED


def proposals(
    *,
    rules: Rules,
    window: Window | None,
    share_found: Finding,
    growth_found: Finding,
    abc: str,
    decided: dict[str, TypeProposal],
) -> list[Proposal]:
    """What the figures of one client propose, and what was decided of it before, whatever they say today."""
    of_share = share_found.value is not None and share_found.value >= rules.breadwinner_share
    of_growth = (
        abc == PROMISING_CLASS
        and growth_found.value is not None
        and growth_found.value >= PROMISING_GROWTH
    )
    found = []
    for client_type, is_proposed in ((BREADWINNER, of_share), (PROMISING, of_growth)):
        if not is_proposed and client_type not in decided:
            continue
        basis = ""
        if is_proposed and window is not None:
            basis = (
                _basis_of_share(share_found, window, rules)
                if client_type == BREADWINNER
                else _basis_of_growth(growth_found, window)
            )
        found.append(Proposal(client_type, basis, is_proposed, decided.get(client_type)))
    return found


def _basis_of_share(found: Finding, window: Window, rules: Rules) -> str:
    return _(
        "%(share)s of our sales, %(first)s – %(last)s in %(currency)s; a breadwinner brings %(limit)s or more."
    ) % {
        "share": share(found.value),
        "first": month_name(window.first),
        "last": month_name(window.last),
        "currency": window.currency,
        "limit": share(rules.breadwinner_share, 0 if _is_whole(rules.breadwinner_share) else 2),
    }


def _basis_of_growth(found: Finding, window: Window) -> str:
    return _(
        "Class B in the run in force, and %(change)s in the %(months)s months up to %(last)s on as many before; "
        "promising from %(limit)s."
    ) % {
        "change": change(found.value, 0),
        "months": number(window.growth_months),
        "last": month_name(window.last),
        "limit": change(PROMISING_GROWTH, 0),
    }


def _is_whole(part: Fraction) -> bool:
    return (part * 100).denominator == 1


def of_client(client: Client, *, user: User) -> list[Proposal]:
    """What the sales propose of one client, for a head; six queries."""
    if not may(user, "choose_key_clients"):
        return []
    rules = criteria.rules()
    run = SegmentationRun.objects.visible_to(user).in_force()
    window = selection_figures.window(run, growth_months=rules.growth_months)
    whole = selection_figures.whole(window)
    sales = selection_figures.sales_of(window, [client.pk]).get(client.pk)
    segment = (
        Segment.objects.visible_to(user).in_force().filter(client=client).defer("nets").first()
    )
    found = {
        key: selection_figures.finding(
            key, sales, window=window, positive_total=whole.positive_total
        )
        for key in ("share", "growth")
    }
    return proposals(
        rules=rules,
        window=window,
        share_found=found["share"],
        growth_found=found["growth"],
        abc=segment.abc if segment else "",
        decided=decided_of(client, user=user),
    )


def decided_of(client: Client, *, user: User) -> dict[str, TypeProposal]:
    rows = TypeProposal.objects.visible_to(user).filter(client=client)
    return {row.client_type: row for row in rows.select_related("decided_by")}


def confirmed(client: Client) -> list[str]:
    """The types that a head confirmed: a dossier that opens takes them over."""
    return sorted(
        TypeProposal.objects.filter(client=client, state=ProposalState.CONFIRMED).values_list(
            "client_type", flat=True
        )
    )


@transaction.atomic
def decide(
    client: Client, client_type: str, *, state: str, by: User, today: datetime.date
) -> TypeProposal:
    """Confirm or decline a proposed type; what it was proposed from is kept with the decision.

    What was decided can be decided otherwise; then the first basis stays if the sales propose it no more.
    Raises a ProposalRefused with a sentence.
    """
    if not may(by, "choose_key_clients"):
        raise NotAllowed(_("Only a sales head confirms the type of a client."))
    locked = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    standing = next(
        (each for each in of_client(locked, user=by) if each.client_type == client_type), None
    )
    if standing is None or state not in ProposalState.values:
        raise NotProposed(
            _("The sales do not propose this type for %(client)s (any more).") % {"client": locked}
        )
    record = standing.decided or TypeProposal(client=locked, client_type=client_type)
    if record.pk and record.state == state:
        return record
    record.state = state
    record.basis = standing.basis or record.basis
    record.decided_by, record.decided_on = by, today
    with pghistory.context(user=by.pk):
        record.save()
    return record
