"""A company of a chosen size, made by a few statements inside the database.

What is measured is the same in every size: the dossiers of the first KAM have the same entries, and only
what lies around them grows. Rows around them are written without triggers and without their history, which
no measured page reads.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from dossiers.models import Dossier
from segmentation.models import SalesImport
from tests.factories import head as make_head
from tests.house import many

ENTRIES = 10
MEASURED = 3
MONTHS = 24


@dataclass(frozen=True)
class Size:
    """Numbers of rows; `lines` are sales lines, five to a document."""

    clients: int
    dossiers: int
    kams: int
    timeline: int
    lines: int

    def part(self, divisor: int) -> "Size":
        return Size(*(max(number // divisor, 7) for number in vars(self).values()))


WHOLE = Size(clients=10_000, dossiers=2_000, kams=700, timeline=200_000, lines=5_000_000)

_AUTHOR = "1, now(), {head}, now(), {head}, '', 'fact', current_date, {head}"
_AUTHOR_COLUMNS = "version, created_at, created_by_id, updated_at, updated_by_id, source, certainty, confirmed_on, confirmed_by_id"

# {head}: who wrote; {first}: the smallest key of the dossiers around; each dossier gets the same share.
_AROUND = {
    "dossiers_timelineentry": (
        "dossier_id, happened_on, kind, title, text, tone, currency",
        """SELECT d.id, current_date - (n * 6), (ARRAY['meeting','call','delivery','complaint'])[1 + mod(n, 4)],
                  'Talked about delivery ' || n, repeat('What was said and agreed. ', 6), 'neutral', 'EUR'
           FROM dossiers_dossier d, generate_series(1, {timeline}) n WHERE d.id >= {first}""",
    ),
    "dossiers_stakeholder": (
        "dossier_id, name, position, unit, roles, influence, stance, loyalty, readiness, cares_about, style,"
        " personal_notes, phone, email",
        """SELECT d.id, 'Person ' || d.id || ' ' || n, 'Head of ' || n, 'Purchasing', '{{}}'::varchar[], n, 0, 0, 1, '{{}}'::varchar[], '', '', '', ''
           FROM dossiers_dossier d, generate_series(1, 8) n WHERE d.id >= {first}""",
    ),
    "dossiers_action": (
        "dossier_id, title, due_on, state, joint",
        """SELECT d.id, 'Send sample ' || n, current_date + n * 9 - 20, 'planned', false
           FROM dossiers_dossier d, generate_series(1, 5) n WHERE d.id >= {first}""",
    ),
    "dossiers_contract": (
        "dossier_id, number, subject, currency, starts_on, ends_on, notice_days",
        """SELECT d.id, 'C-' || d.id || '-' || n, 'Deliveries', 'EUR', current_date - 300, current_date + 90 * n, 60
           FROM dossiers_dossier d, generate_series(1, 2) n WHERE d.id >= {first}""",
    ),
}


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Making a world takes minutes: each step says how long it took."""
    began = time.monotonic()
    yield
    print(f"  {what}: {time.monotonic() - began:.0f} s", flush=True)


def make(size: Size) -> None:
    """Fill an empty, migrated database. The first KAM holds the measured dossiers."""
    head = make_head(name="Head of sales", email="head@example.com")
    with transaction.atomic():
        measured = many.key_clients(MEASURED, head=head)
    kam = User.objects.get(assignments__client=measured[0].client)
    User.objects.filter(pk=kam.pk).update(email="kam@example.com")
    for dossier in measured:
        many.entries(dossier, ENTRIES, by=kam)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with _told("dossiers"):
            around = many.key_clients(min(size.dossiers, size.kams * 3) - MEASURED, head=head)
        first = around[0].pk if around else 2**62
        _clients_without_dossier(cursor, size.clients - size.dossiers)
        told = {
            "head": head.pk,
            "first": first,
            "timeline": max(size.timeline // size.dossiers, 1),
        }
        with _told("what stands in them"):
            for table, (columns, rows) in _AROUND.items():
                cursor.execute(
                    f"INSERT INTO {table} ({columns}, {_AUTHOR_COLUMNS}) SELECT entry.*,"
                    f" {_AUTHOR.format(**told)} FROM ({rows.format(**told)}) AS entry"
                )
            _timeline_of(cursor, measured, told)
        with _told(f"{size.lines} sales lines"):
            _sales(cursor, size.lines)
    with _told("months and segments"):
        many.sales(by=head)
        _two_years()
    with _told("search"):
        call_command("rebuild_search", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _clients_without_dossier(cursor, number: int) -> None:
    cursor.execute(
        """INSERT INTO accounts_client (name, name_sort, external_id, tax_id, country, city, industry, channel, stage, kam_in_ledger, created_at)
           SELECT 'Buyer ' || n, 'buyer ' || n, 'B' || n, '', 'Poland', 'Łódź', 'Steel', 'Direct', 'regular', '', now()
           FROM generate_series(1, %s) n""",
        [max(number, 0)],
    )


def _timeline_of(cursor, dossiers: list[Dossier], told: dict) -> None:
    """The measured dossiers have as long a timeline as the others."""
    columns, rows = _AROUND["dossiers_timelineentry"]
    rows = rows.format(**{**told, "first": 0}) + " AND d.id = ANY(%s)"
    cursor.execute(
        f"INSERT INTO dossiers_timelineentry ({columns}, {_AUTHOR_COLUMNS})"
        f" SELECT entry.*, {_AUTHOR.format(**told)} FROM ({rows}) AS entry",
        [[dossier.pk for dossier in dossiers]],
    )


def _sales(cursor, lines: int) -> None:
    """Documents of five lines, dealt out to all clients over two years."""
    sales_import = SalesImport.objects.create(
        state="succeeded",
        original_name="bench.csv",
        currency="EUR",
        read=lines,
        accepted=lines,
        new_documents=lines // 5,
    ).pk
    cursor.execute(
        """INSERT INTO segmentation_salesdocument (number, digest, supplement_digest, spans_months, import_id)
           SELECT 'D' || n, '', '', false, %s FROM generate_series(1, %s) n""",
        [sales_import, lines // 5],
    )
    # Five million rows without a log and without an index to keep meanwhile: minutes less.
    cursor.execute("ALTER TABLE segmentation_salesline SET UNLOGGED")
    cursor.execute("DROP INDEX sales_lines_of_client")
    cursor.execute(
        """WITH buyer AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM accounts_client),
                doc AS (SELECT id, row_number() OVER (ORDER BY id) AS at FROM segmentation_salesdocument)
           INSERT INTO segmentation_salesline (document_id, line_no, client_id, sold_on, product, product_line, quantity, price, amount, cost, currency)
           SELECT doc.id, n, buyer.id, %s - (doc.at * 7919 %% 700)::int, 'Product ' || (doc.at + n) %% 400, '', 1, 10, 10, 8, 'EUR'
           FROM doc JOIN buyer ON buyer.at = doc.at %% (SELECT count(*) FROM accounts_client), generate_series(1, 5) n""",
        [timezone.localdate()],
    )
    cursor.execute(
        "CREATE INDEX sales_lines_of_client ON segmentation_salesline (client_id, sold_on)"
    )


def _two_years() -> None:
    """`many.sales` knows one year; the charts want the one before it too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO segmentation_monthlysales (client_id, month, currency, revenue, cost, orders, active)
               SELECT client_id, (month - interval '1 year')::date, currency, 90, 70, 1, true FROM segmentation_monthlysales"""
        )
