"""The pieces that a dossier is made of: each is read, edited, confirmed and kept in the same way.

A *sheet* is the one record of its kind in a dossier (general information); several pieces may show
different fields of the same sheet. A *list* has entries. Pages, forms, completeness, revision, frozen
copy and PDF all walk this table, so a new list is a model and one row here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossiers import models as kept
from dossiers.models.record import DossierRecord
from dossiers.sections import Section


@dataclass(frozen=True)
class Piece:
    """One editable part of a section.

    key: in addresses and as the id of the part on the page.
    fields: what the form asks, in order.
    columns: what a list's row shows (default: all fields).
    shape: "sheet" (names and values), "table", "cards" (entries with longer text), or the name of a
        template part of its own.
    first: what an empty piece says to do.
    weight: what it counts in completeness; 0 where many clients have nothing to say here.
    """

    key: str
    section: str
    model: type[DossierRecord]
    label: str | Promise
    fields: tuple[str, ...]
    first: str | Promise
    add_label: str | Promise = ""
    columns: tuple[str, ...] = ()
    shape: str = "table"
    weight: int = 1
    presets: dict = field(default_factory=dict, hash=False)

    def __hash__(self) -> int:
        # The labels are translated whenever they are looked at: too much for a look into a table.
        return hash(self.key)

    @property
    def is_sheet(self) -> bool:
        """One record per dossier, opened with it: nothing to add or to delete."""
        return self.model in (kept.Dossier, kept.GeneralInformation, kept.Relationship, kept.Plan)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        return self.columns or self.fields

    def records(self, dossier) -> QuerySet:
        """The entries of this piece in the dossier, in their order, with what their rows show."""
        if self.model is kept.Dossier:
            return kept.Dossier.objects.filter(pk=dossier.pk)
        records = self.model.objects.filter(dossier=dossier)
        relations = [name for name in self.fields if self.model._meta.get_field(name).is_relation]
        return records.select_related("confirmed_by", *relations)


PIECES: tuple[Piece, ...] = (
    # The dossier's own line, shown in the header.
    Piece(
        "header", Section.RELATIONSHIP, kept.Dossier, _("Type and position"), ("types", "position"),
        first=_("Say in one line where we stand with them, and what kind of key client this is."), shape="sheet",
    ),
    # 1 General information
    Piece(
        "identity", Section.GENERAL, kept.GeneralInformation, _("Company"),
        ("legal_name", "brand", "tax_id", "website", "head_office", "sites", "industries", "channel", "ownership"),
        first=_("Begin with the legal name and the head office: the rest follows from their web site."), shape="sheet",
        weight=2,
    ),
    Piece(
        "about", Section.GENERAL, kept.GeneralInformation, _("What they do and what they want"),
        ("description", "history", "mission", "positioning", "strategy"),
        first=_("Describe their business as you would to a new colleague."), shape="sheet", weight=2,
    ),
    Piece(
        "financial-years", Section.GENERAL, kept.FinancialYear, _("Financial figures by year"),
        ("year", "revenue", "operating_profit", "net_profit", "currency"),
        first=_("Add the last published year: the trend shows from the second one on."), add_label=_("Add a year"),
        shape="years",
    ),
    Piece(
        "headcount", Section.GENERAL, kept.HeadcountYear, _("Headcount by year"), ("year", "headcount"),
        first=_("Add how many people work there."), add_label=_("Add a year"), shape="years",
    ),
    Piece(
        "structure", Section.GENERAL, kept.OrgUnit, _("Organisational structure"), ("name", "parent", "site", "note"),
        first=_("Start with the company itself, then the units below it."), add_label=_("Add a unit"), shape="tree",
    ),
    Piece(
        "staffing", Section.GENERAL, kept.StaffPosition, _("Staffing table"), ("position", "unit", "headcount"),
        first=_("Add the positions that matter for our work with them."), add_label=_("Add a position"), weight=0,
    ),
    Piece(
        "market", Section.GENERAL, kept.MarketParty, _("Their clients, suppliers and competitors"),
        ("kind", "name", "concerns", "share", "note"),
        first=_("Whom do they sell to, buy from and compete with? Begin with the largest of each."),
        add_label=_("Add a company"), shape="market",
    ),
    # 2 The client as we see it
    Piece(
        "story", Section.RELATIONSHIP, kept.Relationship, _("History of the relationship"), ("story",),
        first=_("Write how it began and what both sides remember."), shape="sheet", weight=2,
    ),
    Piece(
        "timeline", Section.RELATIONSHIP, kept.TimelineEntry, _("Timeline"),
        ("happened_on", "kind", "title", "text", "tone", "stakeholder", "amount", "currency", "owner",
         "resolved_on"),
        first=_("Note the last meeting or call: two lines are enough."), add_label=_("Note an interaction"),
        shape="timeline", weight=2,
    ),
    Piece(
        "tenders", Section.RELATIONSHIP, kept.Tender, _("Tenders"),
        ("subject", "decided_on", "outcome", "value", "our_price", "winner_price", "currency", "winner",
         "win_reasons", "loss_reasons", "our_view", "client_debrief"),
        first=_("Note the last tender and why it ended as it did: reasons add up over the years."),
        add_label=_("Add a tender"), shape="tenders", weight=0,
    ),
    Piece(
        "ties", Section.RELATIONSHIP, kept.Tie, _("Our people × their people"),
        ("colleague", "stakeholder", "strength", "wanted", "note"),
        first=_("Who of ours knows whom of theirs, and how well? Add the stakeholders first."),
        add_label=_("Add a tie"), shape="ties",
    ),
    Piece(
        "assessments", Section.RELATIONSHIP, kept.Assessment, _("Assessment of the relationship"),
        ("assessed_on", "level", "score", "wanted_level", "wanted_score", "text"),
        first=_("Judge how close we are today; next quarter you will see whether it moved."),
        add_label=_("Assess again"), shape="assessments", weight=2,
    ),
    Piece(
        "opportunity", Section.RELATIONSHIP, kept.Opportunity, _("Size of opportunity"),
        ("year_number", "amount", "currency", "probability", "basis"),
        first=_("What could they buy from us this year? One figure with a reason is a start."),
        add_label=_("Add a year"), shape="opportunity", weight=2,
    ),
    Piece(
        "opportunity-basis", Section.RELATIONSHIP, kept.Relationship, _("Where the opportunity lies"),
        ("opportunity_basis",), first=_("Say what would have to happen for them to buy more."), shape="sheet",
    ),
    Piece(
        "white-space", Section.RELATIONSHIP, kept.WhiteSpace, _("White space"),
        ("product_line", "unit", "ground", "held_by", "worth", "currency", "note"),
        first=_("Which of our product lines could each of their business units buy, and who sells them that today? "
                "The units come from the organisational structure."),
        add_label=_("Add a product line"), shape="white-space",
    ),
    Piece(
        "budget", Section.RELATIONSHIP, kept.BudgetLine, _("Client's budget and our share of wallet"),
        ("year", "category", "amount", "with_us", "currency"),
        first=_("What do they spend in our field in a year, and how much of it with us?"),
        add_label=_("Add a budget line"), shape="budget",
    ),
    Piece(
        "contracts", Section.RELATIONSHIP, kept.Contract, _("Contracts"),
        ("number", "subject", "value", "currency", "starts_on", "ends_on", "notice_days"),
        first=_("Add the contract in force: its end and its notice period set the next one's date."),
        add_label=_("Add a contract"), shape="contracts",
    ),
    Piece(
        "earlier-suppliers", Section.RELATIONSHIP, kept.EarlierSupplier, _("Whom they worked with before"),
        ("name", "period", "why_ended"), first=_("Whom did we replace, and why?"), add_label=_("Add a supplier"),
        weight=0,
    ),
    # 3 How they decide
    Piece(
        "process", Section.DECISION, kept.ProcessStep, _("Buying process"), ("position", "what", "duration", "who"),
        first=_("Write the steps from the need to the signature, in order."), add_label=_("Add a step"),
        shape="process",
    ),
    Piece(
        "stakeholders", Section.DECISION, kept.Stakeholder, _("Stakeholders"),
        ("name", "position", "unit", "reports_to", "roles", "influence", "stance", "loyalty", "readiness",
         "cares_about", "style", "covered_by", "last_met_on", "phone", "email", "personal_notes"),
        first=_("Add the person who signs, even if you only know the position."), add_label=_("Add a stakeholder"),
        columns=("name", "position", "roles", "influence", "stance", "loyalty", "readiness", "covered_by",
                 "last_met_on"),
        shape="stakeholders", weight=3,
    ),
    Piece(
        "influence", Section.DECISION, kept.InfluenceLine, _("Lines of influence"),
        ("influencer", "influenced", "strength", "note"),
        first=_("Who listens to whom, whatever the organisation chart says?"), add_label=_("Add a line of influence"),
    ),
    # 4 Competitors
    Piece(
        "competitors", Section.COMPETITORS, kept.Competitor, _("Competitors at this client"),
        ("name", "sells_here", "wallet_share", "strengths", "weaknesses", "covers", "how_they_win"),
        first=_("Name the one they would call if we stopped delivering tomorrow."), add_label=_("Add a competitor"),
        shape="cards", weight=2,
    ),
    Piece(
        "criteria", Section.COMPETITORS, kept.Criterion, _("The client's criteria"), ("name", "weight"),
        first=_("What does the client choose by? Ask him; price is seldom the whole answer."),
        add_label=_("Add a criterion"),
    ),
    Piece(
        "scores", Section.COMPETITORS, kept.CriterionScore, _("Comparative analysis"),
        ("criterion", "competitor", "score", "evidence"),
        first=_("Add criteria and competitors first; then score each from 1 to 5."), add_label=_("Add a score"),
        shape="comparison", weight=2,
    ),
    # 5 Plan
    Piece(
        "value", Section.PLAN, kept.Plan, _("Value proposition, do and don't"),
        ("value_proposition", "do", "do_not"),
        first=_("Why should this client choose us? Colleagues see this on the client card."), shape="sheet", weight=2,
    ),
    Piece(
        "swot", Section.PLAN, kept.Plan, _("SWOT"), ("strengths", "weaknesses", "opportunities", "threats"),
        first=_("Two honest lines in each field say more than ten polite ones."), shape="swot",
    ),
    Piece(
        "objectives", Section.PLAN, kept.Objective, _("Objectives for the year"),
        ("title", "measure", "due_on", "state"),
        first=_("What shall be different with this client in a year?"), add_label=_("Add an objective"),
    ),
    Piece(
        "actions", Section.PLAN, kept.Action, _("Actions"), ("title", "owner", "objective", "due_on", "state", "joint"),
        first=_("Who does what next, and until when?"), add_label=_("Add an action"), weight=2,
    ),
    # 6 Figures: what sales cannot tell
    Piece(
        "surveys", Section.FIGURES, kept.SurveyAnswer, _("NPS and CSAT"),
        ("answered_on", "kind", "score", "stakeholder", "comment"),
        first=_("Ask one of them: how likely would you recommend us, from 0 to 10?"), add_label=_("Add an answer"),
        shape="surveys", weight=0,
    ),
    # Files
    Piece(
        "attachments", Section.ATTACHMENTS, kept.Attachment, _("Attachments"), ("name", "note"),
        first=_("Drop the offer, the contract or the slides here: whoever may read the dossier finds them again."),
        add_label=_("Add files"), shape="attachments", weight=0,
    ),
)  # fmt: skip

BY_KEY = {piece.key: piece for piece in PIECES}


def of_section(section: str) -> Iterator[Piece]:
    return (piece for piece in PIECES if piece.section == section)


def kept_models() -> list[type[DossierRecord]]:
    """Each model of the dossier once, in the order of the sections."""
    return list(dict.fromkeys(piece.model for piece in PIECES))
