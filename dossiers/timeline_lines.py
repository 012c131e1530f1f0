"""The statement behind the timeline: every line of one dossier, wherever it is kept, filtered and counted at once.

Each branch gives the same columns. kind: what one filters by; what: which sentence says it; day, rank, pk: the
order; person: the stakeholder concerned; is_open: a complaint that nobody has resolved; said: the words to be
searched, put together only when somebody searches; the rest is what the sentence is made of.
"""

import datetime
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A row of the statement: a line, or a figure (see LINES)."""

    kind: str
    what: str
    day: datetime.date
    rank: int
    pk: int
    person: int | None
    is_open: bool
    said: str
    title: str
    before: str
    after: str
    who: str
    amount: Any
    currency: str


_COLUMNS = (
    "kind, what, day, rank, pk, person, is_open, said, title, before, after, who, amount, currency"
)


def _said(*columns: str) -> str:
    return (
        f"CASE WHEN %(words)s::text[] IS NULL THEN '' ELSE concat_ws(' ', {', '.join(columns)}) END"
    )


_NOTED = f"""
    SELECT kind::text AS kind, 'entry' AS what, happened_on AS day, 9 AS rank, id AS pk,
           stakeholder_id AS person, kind = 'complaint' AND resolved_on IS NULL AS is_open,
           {_said("title", "text")} AS said,
           title::text AS title, ''::text AS before, ''::text AS after, ''::text AS who,
           NULL::numeric AS amount, ''::text AS currency
    FROM dossiers_timelineentry WHERE dossier_id = %(dossier)s"""

_TENDERS = f"""
    SELECT 'tender', 'tender', decided_on, 8, id, NULL::bigint, false,
           {_said("subject", "winner", "our_view", "client_debrief")},
           subject, winner, outcome, '', value, currency
    FROM dossiers_tender WHERE dossier_id = %(dossier)s"""

# What a contract will do belongs to its own list; here stands what it did.
_CONTRACTS = f"""
    SELECT 'contract', edge.what, edge.day, 7, id, NULL, false, {_said("number", "subject")},
           subject, number, '', '', value, currency
    FROM dossiers_contract
    CROSS JOIN LATERAL (VALUES ('begins', starts_on), ('ends', ends_on)) AS edge (what, day)
    WHERE dossier_id = %(dossier)s AND edge.day <= %(today)s"""

_ASSESSMENTS = f"""
    SELECT 'assessment', 'assessment', assessed_on, 6, id, NULL, false, {_said("text")},
           '', '', level, '', score, ''
    FROM dossiers_assessment WHERE dossier_id = %(dossier)s"""

_SURVEYS = f"""
    SELECT 'survey', 'survey', answer.answered_on, 5, answer.id, answer.stakeholder_id, false,
           {_said("answer.comment")},
           answer.comment, '', answer.kind, coalesce(nullif(who.name, ''), who.position, ''), answer.score, ''
    FROM dossiers_surveyanswer answer
    LEFT JOIN dossiers_stakeholder who ON who.id = answer.stakeholder_id
    WHERE answer.dossier_id = %(dossier)s"""

_OPENED = """
    SELECT 'dossier', 'opened', opened_on, 0, id, NULL, false, '', '', '', '', '', NULL, ''
    FROM dossiers_dossier WHERE id = %(dossier)s"""

_CHANGED = f"""
    SELECT 'dossier', step.what, seen.day, 1, seen.version, NULL, false, {_said("seen.position")},
           '', step.before, step.after, who.name, NULL, ''
    FROM (
        SELECT version, updated_by_id, types, position, closed_on,
               (pgh_created_at AT TIME ZONE %(zone)s)::date AS day,
               lag(version) OVER turn AS version_before, lag(types) OVER turn AS types_before,
               lag(position) OVER turn AS position_before, lag(closed_on) OVER turn AS closed_before
        FROM dossiers_dossierevent WHERE pgh_obj_id = %(dossier)s
        WINDOW turn AS (ORDER BY version, pgh_id)
    ) seen
    CROSS JOIN LATERAL (VALUES
        ('types', types <> types_before, array_to_string(types_before, ','), array_to_string(types, ',')),
        ('position', position <> position_before, position_before, position),
        ('closed', closed_on IS NOT NULL AND closed_before IS NULL, '', ''),
        ('reopened', closed_on IS NULL AND closed_before IS NOT NULL, '', '')
    ) AS step (what, is_so, before, after)
    JOIN accounts_user who ON who.id = seen.updated_by_id
    WHERE seen.version_before IS NOT NULL AND step.is_so"""

_HOLDERS = f"""
    SELECT 'dossier', step.what, step.day, 2, turn.id, NULL, false, {_said("holder.name", "before.name")},
           '', coalesce(before.name, ''), holder.name, '', NULL, ''
    FROM (
        SELECT id, holding, started_on, ended_on, person_id,
               lead(started_on) OVER seat AS next_on,
               CASE WHEN lag(ended_on) OVER seat = started_on THEN lag(person_id) OVER seat END AS before_id
        FROM accounts_assignment WHERE client_id = %(client)s
        WINDOW seat AS (PARTITION BY holding ORDER BY started_on, id)
    ) turn
    JOIN accounts_user holder ON holder.id = turn.person_id
    LEFT JOIN accounts_user before ON before.id = turn.before_id
    CROSS JOIN LATERAL (VALUES
        (turn.holding || '_begins', turn.started_on, true),
        (turn.holding || '_ends', turn.ended_on, turn.next_on IS DISTINCT FROM turn.ended_on)
    ) AS step (what, day, is_so)
    WHERE step.is_so AND step.day IS NOT NULL"""

_REVISIONS = f"""
    SELECT 'dossier', seen.state, seen.decided_on, 3, seen.pgh_obj_id, NULL, false,
           {_said("seen.decision_note", "who.name")},
           CASE WHEN seen.state = 'returned' THEN seen.decision_note ELSE '' END, '', '', who.name, NULL, ''
    FROM (
        SELECT pgh_obj_id, state, decided_on, decided_by_id, decision_note,
               lag(state) OVER (PARTITION BY pgh_obj_id ORDER BY pgh_id) AS state_before
        FROM dossiers_reviewevent WHERE dossier_id = %(dossier)s
    ) seen
    JOIN accounts_user who ON who.id = seen.decided_by_id
    WHERE seen.state IN ('accepted', 'returned') AND seen.state IS DISTINCT FROM seen.state_before"""

_STAGES = f"""
    SELECT 'dossier', 'stage', decision.decided_on, 0, decision.id, NULL, false, {_said("decision.reason")},
           decision.reason, decision.from_stage, decision.to_stage, who.name, NULL, ''
    FROM segmentation_selectiondecision decision JOIN accounts_user who ON who.id = decision.decided_by_id
    WHERE decision.client_id = %(client)s"""

_SEGMENTS = """
    SELECT 'dossier', 'segment', (run.put_in_force_at AT TIME ZONE %(zone)s)::date, 4, run.id, NULL, false, '',
           '', segment.previous, segment.abc || segment.xyz, '', NULL, ''
    FROM segmentation_segmentationrun run
    JOIN segmentation_segment segment ON segment.run_id = run.id AND segment.client_id = %(client)s
    WHERE run.put_in_force_at IS NOT NULL
      AND segment.previous <> '' AND segment.previous <> segment.abc || segment.xyz"""

_EVERYWHERE = "\n    UNION ALL".join(
    (
        *(_NOTED, _TENDERS, _CONTRACTS, _ASSESSMENTS, _SURVEYS),
        *(_OPENED, _CHANGED, _HOLDERS, _REVISIONS, _STAGES, _SEGMENTS),
    )
)

# As `accounts.sorting.sort_key` folds it, so that case and accents do not matter.
_FOLDED = "translate(regexp_replace(normalize(lower(said), NFKD), '[\u0300-\u036f]', '', 'g'), 'łøđ', 'lod')"
_FITS = f"""(%(person)s::bigint IS NULL OR person = %(person)s)
      AND (%(since)s::date IS NULL OR day >= %(since)s)
      AND (%(until)s::date IS NULL OR day <= %(until)s)
      AND (%(words)s::text[] IS NULL OR {_FOLDED} LIKE ALL (%(words)s::text[]))"""
_NO_MORE = (
    "NULL::date, 0, {pk}, NULL::bigint, false, '', {title}, '', '', '', {amount}::numeric, ''"
)


def _figure(what: str, *, pk: str = "0", title: str = "''", amount: str = "count(*)") -> str:
    return f"{what}, {_NO_MORE.format(pk=pk, title=title, amount=amount)}"


# Parameters: dossier, client, today, zone, kinds, person, since, until, words (patterns for LIKE, folded),
# is_open, limit. Rows: the lines that fit, newest first, and figures whose `what` is "count" (lines of a kind that
# fit but for their kind), "open" (open complaints), "noted" (entries of the timeline itself) or "person".
LINES = f"""
WITH line AS ({_EVERYWHERE})
(SELECT {_COLUMNS} FROM line
 WHERE {_FITS}
   AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
   AND (NOT %(is_open)s OR is_open)
 ORDER BY day DESC, rank DESC, pk DESC LIMIT %(limit)s)
UNION ALL
(SELECT kind, {_figure("'count'")} FROM line WHERE {_FITS} GROUP BY kind)
UNION ALL
(SELECT '', {_figure("'open'", amount="count(*) FILTER (WHERE is_open)")} FROM line)
UNION ALL
(SELECT '', {_figure("'noted'", amount="count(*) FILTER (WHERE what = 'entry')")} FROM line)
UNION ALL
(SELECT '', {_figure("'person'", pk="who.id", title="coalesce(nullif(who.name, ''), who.position)")}
 FROM line JOIN dossiers_stakeholder who ON who.id = line.person
 GROUP BY who.id, who.name, who.position)
"""
