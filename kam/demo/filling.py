"""Fills one dossier from its hand-written file.

A file of `dossiers/` has a table per section. Lists are rows in the order of their columns, amounts in
thousands, days counted back from today (`ends` and `due` count forward). The comments in
`dossiers/wierzbnica.toml` name the columns. `confirmed` tells for each section how many days ago it
was last confirmed, `sources` where each list is known from and which of them are assumptions.
"""

import datetime
import random
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from dossiers import attaching
from dossiers import models as kept
from dossiers.models import Certainty, Dossier, DossierRecord, Stakeholder
from dossiers.sections import Section
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work

THOUSAND = Decimal(1000)
SECTION_OF = {
    Section.GENERAL: ("general", "financials", "headcount", "units", "staff", "parties"),
    Section.RELATIONSHIP: (
        "dossier", "relationship", "timeline", "assessments", "budget", "earlier", "opportunities", "contracts",
        "ties", "white_space", "surveys", "tenders",
    ),
    Section.DECISION: ("steps", "stakeholders", "lines"),
    Section.COMPETITORS: ("competitors", "criteria", "scores"),
    Section.PLAN: ("plan", "objectives", "actions"),
}  # fmt: skip
SECTION_BY_LIST = {name: section for section, names in SECTION_OF.items() for name in names}
# The files call the fourth section by the shorter word.
CONFIRMED_AS = {Section.COMPETITORS: "competition"}
# Stored one by one, because others point to them; the rest waits and is stored at once.
POINTED_TO = (kept.OrgUnit, kept.Stakeholder, kept.Competitor, kept.Criterion, kept.Objective)


def fill(
    written: dict[str, Any], *, dossier: Dossier, people: dict[str, User], days: Days, clock: Clock
) -> None:
    """Store everything that the file says about the client in its (just opened) dossier."""
    hand = _Hand(written, dossier, people, days, clock)
    hand.sheets()
    hand.organisation()
    hand.decision_unit()
    hand.relationship()
    hand.ground()
    hand.competition()
    hand.plan()
    hand.store_waiting()


class _Hand:
    """Who writes, when, and from what source: the same for every record of one dossier."""

    def __init__(
        self,
        written: dict[str, Any],
        dossier: Dossier,
        people: dict[str, User],
        days: Days,
        clock: Clock,
    ) -> None:
        self.written = written
        self.dossier = dossier
        self.people = people
        self.author = people[written["kam"]]
        self.days = days
        self.clock = clock
        self.chance = random.Random(f"dossier {written['client']}")
        self.stakeholders: dict[str, Stakeholder] = {}
        self.units: dict[str, kept.OrgUnit] = {}
        self.waiting: dict[type[DossierRecord], list[DossierRecord]] = {}

    def sheets(self) -> None:
        general = self.dossier.general
        self._rewrite(general, "general", self.written["general"])
        story = {
            name: self.written["relationship"][name] for name in ("story", "opportunity_basis")
        }
        self._rewrite(self.dossier.relationship, "relationship", story)
        plan = {name: text for name, text in self.written["plan"].items() if isinstance(text, str)}
        self._rewrite(self.dossier.plan, "plan", plan)
        self._rewrite(self.dossier, "dossier", {"position": self.written["position"]})

    def organisation(self) -> None:
        written = self.written["organisation"]
        currency = written["currency"]
        for offset, revenue, operating, net in written["financials"]:
            self._store(
                kept.FinancialYear, "financials",
                year=self.days.year(offset), revenue=_thousands(revenue),
                operating_profit=_thousands(operating), net_profit=_thousands(net), currency=currency,
            )  # fmt: skip
        for offset, headcount in written["headcount"]:
            self._store(
                kept.HeadcountYear, "headcount", year=self.days.year(offset), headcount=headcount
            )
        units = self.units
        for name, parent, site, note in written["units"]:
            above = units[parent] if parent else None
            units[name] = self._store(
                kept.OrgUnit, "units", name=name, parent=above, site=site, note=note
            )
        for position, unit, headcount in written["staff"]:
            self._store(
                kept.StaffPosition,
                "staff",
                position=position,
                unit=units[unit],
                headcount=headcount,
            )
        for kind, name, concerns, share, note in written["parties"]:
            self._store(
                kept.MarketParty, "parties",
                kind=kind, name=name, concerns=concerns, share=Decimal(str(share)), note=note,
            )  # fmt: skip

    def decision_unit(self) -> None:
        written = self.written["decision"]
        for position, (what, duration, who) in enumerate(written["steps"], start=1):
            self._store(
                kept.ProcessStep, "steps", position=position, what=what, duration=duration, who=who
            )
        for person in written["stakeholders"]:
            self.stakeholders[person["key"]] = self._stakeholder(person)
        for influencer, influenced, strength, note in written["lines"]:
            self._store(
                kept.InfluenceLine, "lines",
                influencer=self.stakeholders[influencer], influenced=self.stakeholders[influenced],
                strength=strength, note=note,
            )  # fmt: skip

    def _stakeholder(self, person: dict[str, Any]) -> Stakeholder:
        """Stores the person as first seen, then each later judgement as a change of its own."""
        now = (person.get("stance", 0), person.get("loyalty", 0), person.get("readiness", 0))
        states = [tuple(state[1:]) for state in person.get("before", [])] + [now]
        moments = [state[0] for state in person.get("before", [])]
        covered_by = self.people[person["covered_by"]] if "covered_by" in person else None
        record = self._store(
            Stakeholder, "stakeholders", day=self._first_seen(moments), extra=person,
            name=person.get("name", ""), position=person["position"], unit=person.get("unit", ""),
            reports_to=self.stakeholders[person["reports_to"]] if "reports_to" in person else None,
            roles=person.get("roles", []), influence=person.get("influence", 5),
            stance=states[0][0], loyalty=states[0][1], readiness=states[0][2],
            cares_about=person.get("cares", []), style=person.get("style", ""),
            personal_notes=self.days.written(person.get("notes", "")),
            phone=person.get("phone", ""), email=person.get("email", ""), covered_by=covered_by,
            last_met_on=self.days.ago(person["met"]) if "met" in person else None,
        )  # fmt: skip
        if moments:
            confirmed = (self.days.today - self._confirmed("stakeholders")).days
            moments.append((moments[-1] + min(confirmed, moments[-1])) // 2)
        for version, (state, days_ago) in enumerate(
            zip(states[1:], moments[1:], strict=True), start=2
        ):
            record.stance, record.loyalty, record.readiness = state
            record.save(update_fields=["stance", "loyalty", "readiness", "updated_at"])
            self.clock.version(record, version, at_work(self.days.ago(days_ago), self.chance))
        return record

    def _first_seen(self, moments: list[int]) -> datetime.date | None:
        return max(self.days.ago(moments[0]), self.dossier.opened_on) if moments else None

    def relationship(self) -> None:
        written = self.written["relationship"]
        for days_ago, kind, tone, who, title, text, *more in written["timeline"]:
            self._timeline_entry(days_ago, kind, tone, who, title, text, more[0] if more else {})
        for days_ago, level, wanted, score, text in written["assessments"]:
            day = self.days.ago(days_ago)
            self._store(
                kept.Assessment, "assessments", day=max(day, self.dossier.opened_on), assessed_on=day,
                level=level, wanted_level=wanted, score=score, text=text,
                wanted_score=score if wanted == level else min(score + 1, 5),
            )  # fmt: skip
        for offset, category, amount, with_us in written["budget"]:
            self._store(
                kept.BudgetLine, "budget", year=self.days.year(offset), category=category,
                amount=_thousands(amount), with_us=_thousands(with_us),
            )  # fmt: skip
        for name, period, why in written["earlier"]:
            self._store(kept.EarlierSupplier, "earlier", name=name, period=period, why_ended=why)
        for number, amount, probability, basis in written["opportunities"]:
            self._store(
                kept.Opportunity, "opportunities", year_number=number, amount=_thousands(amount),
                probability=probability, basis=basis,
            )  # fmt: skip
        for number, subject, value, began, ends, notice in written["contracts"]:
            self._store(
                kept.Contract, "contracts", number=self.days.written(number), subject=subject,
                value=_thousands(value) if value else None,
                starts_on=self.days.ago(began), ends_on=self.days.ahead(ends), notice_days=notice or None,
            )  # fmt: skip

    def _timeline_entry(
        self,
        days_ago: int,
        kind: str,
        tone: str,
        who: str,
        title: str,
        text: str,
        more: dict[str, Any],
    ) -> None:
        day = self.days.ago(days_ago)
        if "weekday" in more:
            # The text says which day of the week it was: Monday is 1.
            day -= datetime.timedelta(days=(day.isoweekday() - more["weekday"]) % 7)
        self._store(
            kept.TimelineEntry, "timeline", day=max(day, self.dossier.opened_on), extra=more,
            happened_on=day, kind=kind, tone=tone, title=title, text=self.days.written(text),
            stakeholder=self.stakeholders[who] if who else None,
            amount=_thousands(more["amount"]) if "amount" in more else None,
            resolved_on=max(day, self.days.ago(more["resolved"])) if "resolved" in more else None,
        )  # fmt: skip

    def ground(self) -> None:
        """Whom we know, what they could buy, what they think of us, and the tenders."""
        written = self.written["relationship"]
        for ours, theirs, strength, wanted, note in written["ties"]:
            self._store(
                kept.Tie, "ties", colleague=self.people[ours], stakeholder=self.stakeholders[theirs],
                strength=strength, wanted=wanted, note=note,
            )  # fmt: skip
        for line, unit, whose, rival, worth, note in written["white_space"]:
            self._store(
                kept.WhiteSpace, "white_space", product_line=line, unit=self.units[unit], ground=whose,
                held_by=rival, worth=_thousands(worth), note=note,
            )  # fmt: skip
        for days_ago, kind, score, who, comment in written["surveys"]:
            day = self.days.ago(days_ago)
            self._store(
                kept.SurveyAnswer, "surveys", day=max(day, self.dossier.opened_on), answered_on=day,
                kind=kind, score=score, stakeholder=self.stakeholders[who], comment=comment,
            )  # fmt: skip
        for subject, days_ago, outcome, *prices, winner, won_by, lost_by, view, debrief in written[
            "tenders"
        ]:
            day = self.days.ago(days_ago)
            value, ours, theirs = (_thousands(price) if price else None for price in prices)
            self._store(
                kept.Tender, "tenders", day=self._heard_of(day), subject=subject, decided_on=day,
                outcome=outcome, value=value, our_price=ours, winner_price=theirs, winner=winner,
                win_reasons=won_by, loss_reasons=lost_by, our_view=view, client_debrief=debrief,
            )  # fmt: skip
        for name, days_ago, note, content in written["attachments"]:
            self._attach(name, self.days.ago(days_ago), note, content)

    def _heard_of(self, day: datetime.date) -> datetime.date:
        """An open tender is known three weeks before its offer is due, or since yesterday."""
        known = min(day, self.days.ago(1), max(day - datetime.timedelta(21), self.days.ago(21)))
        return max(known, self.dossier.opened_on)

    def _attach(self, name: str, day: datetime.date, note: str, content: str) -> None:
        upload = SimpleUploadedFile(name, content.encode())
        day = max(day, self.dossier.opened_on)
        attached = attaching.attach(self.dossier, upload=upload, by=self.author, today=day)
        attached.note = note
        attached.save(update_fields=["note"])
        self.clock.created(attached, at_work(day, self.chance))

    def competition(self) -> None:
        written = self.written["competition"]
        rivals: dict[str, kept.Competitor] = {}
        for rival in written["competitors"]:
            fields = {**rival, "wallet_share": Decimal(str(rival["wallet_share"]))}
            rivals[rival["name"]] = self._store(kept.Competitor, "competitors", **fields)
        for criterion in written["criteria"]:
            stored = self._store(
                kept.Criterion, "criteria", name=criterion["name"], weight=criterion["weight"]
            )
            for rival, (score, evidence) in [(None, criterion["us"]), *criterion["them"].items()]:
                competitor = rivals[rival] if rival else None
                self._store(
                    kept.CriterionScore, "scores",
                    criterion=stored, competitor=competitor, score=score, evidence=evidence,
                )  # fmt: skip

    def plan(self) -> None:
        objectives: list[kept.Objective | None] = [None]
        for title, measure, due, state in self.written["plan"]["objectives"]:
            objectives.append(
                self._store(
                    kept.Objective,
                    "objectives",
                    title=self.days.written(title),
                    measure=measure,
                    due_on=self.days.ahead(due),
                    state=state,
                )
            )
        for title, owner, objective, due, state, joint in self.written["plan"]["actions"]:
            self._store(
                kept.Action, "actions", day=self._planned_before(due), title=title, owner=self.people[owner],
                objective=objectives[objective], due_on=self.days.ahead(due), state=state, joint=joint,
            )  # fmt: skip

    def _planned_before(self, due: int) -> datetime.date:
        return max(self.days.ago(max(3, 60 - due)), self.dossier.opened_on)

    def _confirmed(self, name: str) -> datetime.date:
        section = SECTION_BY_LIST[name]
        days_ago = self.written["confirmed"].get(CONFIRMED_AS.get(section, section))
        return self.dossier.last_reviewed_on if days_ago is None else self.days.ago(days_ago)

    def _store(
        self,
        model: type[DossierRecord],
        listed: str,
        /,
        *,
        day: datetime.date | None = None,
        extra: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Any:
        """One new record, written by the KAM on `day` (else within a month or two of the opening)."""
        extra = extra or {}
        opened = self.dossier.opened_on
        day = day or min(
            opened + datetime.timedelta(days=self.chance.randint(2, 50)), self._confirmed(listed)
        )
        assumed = extra.get("assumption", listed in self.written["sources"].get("assumptions", []))
        record = model(
            dossier=self.dossier,
            created_by=self.author,
            updated_by=self.author,
            confirmed_by=self.author,
            confirmed_on=max(day, self._confirmed(listed)),
            source=extra.get("source", self.written["sources"].get(listed, "")),
            certainty=Certainty.ASSUMPTION if assumed else Certainty.FACT,
            **fields,
        )
        self.clock.created(record, at_work(day, self.chance))
        if model in POINTED_TO:
            record.save()
        else:
            self.waiting.setdefault(model, []).append(record)
        return record

    def store_waiting(self) -> None:
        for model, records in self.waiting.items():
            model.objects.bulk_create(records)

    def _rewrite(self, sheet: DossierRecord, name: str, fields: dict[str, Any]) -> None:
        """A sheet was opened with the dossier by the head; the KAM wrote it in the weeks after."""
        for field, said in fields.items():
            setattr(sheet, field, self.days.written(said) if isinstance(said, str) else said)
        sheet.updated_by = sheet.confirmed_by = self.author
        sheet.confirmed_on = self._confirmed(name)
        sheet.save()
        self.clock.created(sheet, at_work(self.dossier.opened_on, self.chance))
        written_on = min(
            self.dossier.opened_on + datetime.timedelta(days=12), self._confirmed(name)
        )
        sheet.refresh_from_db(fields=["version"])
        self.clock.version(sheet, sheet.version, at_work(written_on, self.chance))


def _thousands(number: float) -> Decimal:
    return Decimal(str(number)) * THOUSAND
