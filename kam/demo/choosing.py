"""What the heads of the demo judged while they chose: scores with reasons, leads with their three Ps."""

from typing import Any

import pghistory

from accounts.models import Client, User
from kam.demo.back_in_time import Clock
from kam.demo.dates import Days, at_work
from segmentation import judging, prospecting

CRITERIA = ("share", "growth", "fit", "relationship", "influence")
NEW = ("name", "tax_id", "country", "city", "industry", "channel")


def judge(
    written: dict[str, Any],
    clients: dict[str, Client],
    *,
    people: dict[str, User],
    days: Days,
    clock: Clock,
) -> None:
    for scores in written["score"]:
        by, day = people[scores["by"]], days.ago(scores["days"])
        for criterion in CRITERIA:
            if criterion in scores:
                score, reason = scores[criterion]
                row = judging.judge(
                    clients[scores["client"]],
                    criterion,
                    score=score,
                    reason=reason,
                    seen=0,
                    by=by,
                    today=day,
                )
                clock.created(row, at_work(day, days.chance))
    for lead in written["lead"]:
        _lead(lead, clients, by=people[lead["by"]], days=days, clock=clock)


def _lead(
    lead: dict[str, Any], clients: dict[str, Client], *, by: User, days: Days, clock: Clock
) -> None:
    day = days.ago(lead["days"])
    source = {"source": lead["source"], "source_note": lead["source_note"]}
    if "client" in lead:
        client = clients[lead["client"]]
        seen = 0
    else:
        with pghistory.context(user=by.pk):
            client = prospecting.enter(
                by=by, today=day, **source, **{name: lead[name] for name in NEW}
            )
        clock.created(client, at_work(day, days.chance))
        seen = client.qualification.version
    values: dict[str, Any] = dict(source)
    for name in judging.THREE_PS:
        score, note = lead.get(name, (None, ""))
        values |= {name: score, f"{name}_note": note}
    row = judging.qualify(client, values=values, seen=seen, by=by, today=day)
    clock.created(row, at_work(day, days.chance))
