"""Who falls out of its own rhythm: looked at after each import and each morning, and told once.

The rule is `rhythm`'s; here the database works it out for all clients at once, from the lines, in a handful of
statements (a test holds the two equal). Everything happens in one transaction behind one lock: a look that was killed
has not been, and of two at once the second finds nothing left to do.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import pghistory
from django.db import connection, transaction

from segmentation import policies
from segmentation.jobs import lock_key
from segmentation.models import Policy, SalesImport
from segmentation.rhythm import Rule

# So many clients and more are looked at with all the others: one pass over the lines is quicker then.
MANY = 2000


@dataclass(frozen=True)
class Look:
    """What a look changed: rows of rhythms, episodes by what became of them, losses that came back, e-mails owed."""

    rhythms: int = 0
    raised: int = 0
    lost: int = 0
    ended: int = 0
    returned: int = 0
    notices: int = 0


def look(
    *,
    today: datetime.date,
    policy: Policy | None = None,
    clients: Collection[int] | None = None,
) -> Look:
    """Work out the rhythms as of `today`, of all clients or of these, and note who slips, is lost, or came back.

    `policy` is the current one unless given. May be called at any time and as often as one likes: what is noted already
    is not noted again, and nobody is told twice.
    """
    with pghistory.context(job="look"):
        return look_within(today=today, policy=policy, clients=clients)


def look_within(
    *,
    today: datetime.date,
    policy: Policy | None = None,
    clients: Collection[int] | None = None,
) -> Look:
    """The same as a part of what somebody does, and in his name."""
    if clients is not None and len(clients) >= MANY:
        clients = None
    policy = policy or policies.current()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key("slipping")])
        # For these statements only; the planner guesses poorly at what a window leaves over.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
        given = _given(today, policy, clients)
        rhythms = _run(cursor, _FORGET, given) + _run(cursor, _RHYTHMS, given)
        ended = _run(cursor, _END, given) + _run(cursor, _TAKE_UP_AGAIN, given)
        returned = _run(cursor, _UNRETURN, given) + _run(cursor, _RETURN, given)
        cursor.execute(_RAISE, given)
        raised = [pk for (pk,) in cursor.fetchall()]
        lost = _run(cursor, _LOSE, given)
        notices = _run(cursor, _OWE, {**given, "raised": raised})
    return Look(
        rhythms=rhythms,
        raised=len(raised),
        lost=lost,
        ended=ended,
        returned=returned,
        notices=notices,
    )


def clients_of(job: SalesImport) -> list[int] | None:
    """The clients whose sales the import changed; None where they are so many that all are looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT client_id FROM (
                SELECT l.client_id FROM segmentation_salesline l
                JOIN segmentation_salesdocument d ON d.id = l.document_id WHERE d.import_id = %(job)s
                UNION
                SELECT client_id FROM segmentation_replacedline WHERE import_id = %(job)s
            ) AS touched LIMIT %(many)s
            """,
            {"job": job.pk, "many": MANY},
        )
        found = [client for (client,) in cursor.fetchall()]
    return None if len(found) >= MANY else found


def _given(today: datetime.date, policy: Policy, clients: Collection[int] | None) -> dict:
    rule = Rule.of(policy)
    return {
        "today": today,
        "all": clients is None,
        "clients": list(clients or ()),
        "policy": policy.pk,
        "min_orders": rule.min_orders,
        # Numbers of the policy have one decimal: exact as decimals too.
        "slip_spreads": Decimal(policy.slip_spreads),
        "slip_factor": Decimal(policy.slip_factor),
        "lost_factor": Decimal(policy.lost_factor),
        "lost_min_days": rule.lost_min_days,
    }


def _run(cursor, statement: str, given: dict) -> int:
    cursor.execute(statement, given)
    return cursor.rowcount


# Rows of clients that order no more (their import was undone), or that were merged into others.
_FORGET = """
DELETE FROM segmentation_rhythm r
WHERE (%(all)s OR r.client_id = ANY(%(clients)s)) AND (
    NOT EXISTS (
        SELECT FROM segmentation_salesline l
        WHERE l.client_id = r.client_id AND l.amount > 0 AND l.sold_on <= %(today)s
    )
    OR EXISTS (SELECT FROM accounts_client c WHERE c.id = r.client_id AND c.merged_into_id IS NOT NULL)
)
"""

# Medians of whole days are multiples of a half, their spreads of a quarter: exact in percentile_cont's floats.
_RHYTHMS = """
WITH days AS (
    SELECT l.client_id, l.sold_on FROM segmentation_salesline l
    WHERE l.amount > 0 AND l.sold_on <= %(today)s AND (%(all)s OR l.client_id = ANY(%(clients)s))
    GROUP BY l.client_id, l.sold_on
), gaps AS (
    SELECT client_id, sold_on,
           sold_on - lag(sold_on) OVER (PARTITION BY client_id ORDER BY sold_on) AS gap
    FROM days
), middles AS (
    SELECT g.client_id, count(*) AS orders, min(sold_on) AS first_on, max(sold_on) AS last_on,
           (percentile_cont(0.5) WITHIN GROUP (ORDER BY gap))::numeric AS median
    FROM gaps g
    JOIN accounts_client c ON c.id = g.client_id AND c.merged_into_id IS NULL
    GROUP BY g.client_id
), spreads AS (
    SELECT g.client_id, (percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(g.gap - m.median)))::numeric AS spread
    FROM gaps g JOIN middles m USING (client_id)
    WHERE m.orders >= %(min_orders)s
    GROUP BY g.client_id
), limits AS (
    SELECT m.*, s.spread,
           ceil(greatest(m.median + %(slip_spreads)s * s.spread, %(slip_factor)s * m.median))::int AS slips_after,
           ceil(greatest(%(lost_factor)s * m.median, %(lost_min_days)s::numeric))::int AS lost_after
    FROM middles m LEFT JOIN spreads s USING (client_id)
), money AS (
    SELECT DISTINCT ON (s.client_id) s.client_id, s.currency, sum(s.revenue) AS revenue
    FROM segmentation_monthlysales s JOIN middles m USING (client_id)
    WHERE s.month <= date_trunc('month', m.last_on) AND s.month > date_trunc('month', m.last_on) - interval '1 year'
    GROUP BY s.client_id, s.currency
    ORDER BY s.client_id, sum(s.revenue) DESC, s.currency
)
INSERT INTO segmentation_rhythm AS r (
    client_id, orders, first_on, last_on, median_days, spread_days, slips_on, lost_on, revenue, currency, policy_id,
    computed_at
)
SELECT l.client_id, l.orders, l.first_on, l.last_on, CASE WHEN l.spread IS NOT NULL THEN l.median END, l.spread,
       CASE WHEN l.spread IS NOT NULL THEN l.last_on + l.slips_after END,
       CASE WHEN l.spread IS NOT NULL THEN l.last_on + greatest(l.slips_after, l.lost_after) END,
       money.revenue, coalesce(money.currency, ''), %(policy)s, now()
FROM limits l LEFT JOIN money USING (client_id)
ON CONFLICT (client_id) DO UPDATE SET
    orders = excluded.orders, first_on = excluded.first_on, last_on = excluded.last_on,
    median_days = excluded.median_days, spread_days = excluded.spread_days,
    slips_on = excluded.slips_on, lost_on = excluded.lost_on,
    revenue = excluded.revenue, currency = excluded.currency,
    policy_id = excluded.policy_id, computed_at = excluded.computed_at
WHERE (r.orders, r.first_on, r.last_on, r.median_days, r.spread_days, r.slips_on, r.lost_on, r.revenue, r.currency,
       r.policy_id)
   IS DISTINCT FROM
      (excluded.orders, excluded.first_on, excluded.last_on, excluded.median_days, excluded.spread_days,
       excluded.slips_on, excluded.lost_on, excluded.revenue, excluded.currency, excluded.policy_id)
"""

# The first day with an order after the one that the row tells.
_ORDERED_AFTER = """(
    SELECT min(l.sold_on) FROM segmentation_salesline l
    WHERE l.client_id = {client} AND l.amount > 0 AND l.sold_on > {after} AND l.sold_on <= %(today)s
)"""

_END = f"""
UPDATE segmentation_slippingepisode e SET ended_on = o.again_on
FROM (
    SELECT id, {_ORDERED_AFTER.format(client="e.client_id", after="e.last_order_on")} AS again_on
    FROM segmentation_slippingepisode e
    WHERE ended_on IS NULL AND (%(all)s OR client_id = ANY(%(clients)s))
) AS o
WHERE o.id = e.id AND o.again_on IS NOT NULL
"""

# The order that ended it is gone: its import was undone. The same episode goes on, and nobody is told anew.
_TAKE_UP_AGAIN = """
UPDATE segmentation_slippingepisode e SET ended_on = NULL
FROM segmentation_rhythm r
WHERE r.client_id = e.client_id AND r.last_on = e.last_order_on AND e.ended_on IS NOT NULL
  AND e.ended_on <= %(today)s AND (%(all)s OR e.client_id = ANY(%(clients)s))
"""

_RAISE = """
INSERT INTO segmentation_slippingepisode (client_id, last_order_on, median_days, spread_days, noticed_on)
SELECT client_id, last_on, median_days, spread_days, %(today)s
FROM segmentation_rhythm
WHERE slips_on <= %(today)s AND (%(all)s OR client_id = ANY(%(clients)s))
ON CONFLICT (client_id, last_order_on) DO NOTHING
RETURNING id
"""

_LOSE = """
UPDATE segmentation_slippingepisode e SET lost_on = r.lost_on
FROM segmentation_rhythm r
WHERE r.client_id = e.client_id AND r.last_on = e.last_order_on AND r.lost_on <= %(today)s
  AND e.lost_on IS NULL AND e.ended_on IS NULL AND (%(all)s OR e.client_id = ANY(%(clients)s))
"""

# Whoever is recorded as lost has come back with the first order after that day.
_RETURN = f"""
UPDATE segmentation_loss s SET returned_on = o.again_on
FROM (
    SELECT id, {_ORDERED_AFTER.format(client="s.client_id", after="s.lost_on")} AS again_on
    FROM segmentation_loss s WHERE (%(all)s OR client_id = ANY(%(clients)s))
) AS o
WHERE o.id = s.id AND o.again_on IS NOT NULL AND s.returned_on IS DISTINCT FROM o.again_on
"""

# Not come back after all, where that order is gone: the newest loss alone, and none beside an open one (clients that
# were merged bring each its own), since one may be open at a time.
_UNRETURN = f"""
UPDATE segmentation_loss s SET returned_on = NULL
WHERE s.returned_on <= %(today)s AND (%(all)s OR s.client_id = ANY(%(clients)s))
  AND {_ORDERED_AFTER.format(client="s.client_id", after="s.lost_on")} IS NULL
  AND NOT EXISTS (
      SELECT FROM segmentation_loss o
      WHERE o.client_id = s.client_id AND o.id <> s.id AND (o.id > s.id OR o.returned_on IS NULL)
  )
"""

# Told are those who hold a key client, and the heads where it is key or of class A; nobody else.
_OWE = """
INSERT INTO segmentation_slippingnotice (episode_id, person_id, owed_on, attempts, failure)
SELECT e.id, p.id, %(today)s, 0, ''
FROM segmentation_slippingepisode e
JOIN accounts_client c ON c.id = e.client_id
JOIN accounts_user p ON p.is_active AND (
    c.stage = 'key' AND EXISTS (
        SELECT FROM accounts_assignment a
        WHERE a.client_id = c.id AND a.person_id = p.id AND a.ended_on IS NULL
    )
    OR p.role = 'head' AND (
        c.stage = 'key' OR EXISTS (
            SELECT FROM segmentation_segment s JOIN segmentation_segmentationrun r ON r.id = s.run_id
            WHERE r.in_force AND s.client_id = c.id AND s.abc = 'A'
        )
    )
)
WHERE e.id = ANY(%(raised)s)
ON CONFLICT (episode_id, person_id) DO NOTHING
"""
