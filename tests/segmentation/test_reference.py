"""Online Retail (UCI, CC BY 4.0, doi:10.24432/C5BW33): a year of real sales, customer by customer as two
independent implementations found them. Brought in through the product's own door, once for the module.
"""

import csv
import datetime
import lzma
import shutil
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser

from accounts.models import Client
from segmentation import concentration_figures, rollup, sales_import, segmenting
from segmentation.models import MonthlySales, SalesImport, SalesLine
from tests import factories
from tests.segmentation.conftest import DATA

FILE = DATA / "online_retail" / "online_retail.latin1.csv.xz"
REFERENCE = DATA / "reference"
RUN = "online_retail_2010-12_12m"
START = datetime.date(2010, 12, 1)

pytestmark = pytest.mark.skipif(
    not FILE.exists(),
    reason="the published data set Online Retail is not here (see README for where it is published)",
)

VARIANTS = {
    "xyz_cv_10_25": {"xyz": "cv", "limits": ("0.10", "0.25")},
    "xyz_cv_50_100": {"xyz": "cv", "limits": ("0.5", "1.0")},
    "xyz_freq": {"xyz": "frequency", "limits": ("10/12", "5/12")},
}


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker, tmp_path_factory):
    """The file, uploaded, told and imported as the analyst does it. Taken out again after the module."""
    path = tmp_path_factory.mktemp("retail") / "online_retail.csv"
    with lzma.open(FILE) as packed, path.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    with django_db_blocker.unblock():
        analyst = factories.analyst()
        with path.open("rb") as file:
            job = sales_import.receive(
                SimpleUploadedFile("online_retail.csv", file.read()), by=analyst
            )
        shape = sales_import.shape_of(job)
        job = sales_import.tell_columns(
            job, sales_import.Shape(**{**shape.__dict__, "currency": "GBP"}), by=analyst
        )
        job = sales_import.run(sales_import.start(job, by=analyst))
        yield job
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE segmentation_salesline, segmentation_salesdocument, segmentation_monthlysales,"
                " segmentation_segment, segmentation_segmentationrun, segmentation_salesimport,"
                " segmentation_importmapping CASCADE"
            )
        Client.objects.filter(external_id__isnull=False).delete()
        analyst.delete()


@pytest.fixture(scope="module")
def reference():
    with lzma.open(REFERENCE / f"{RUN}.csv.xz", "rt") as file:
        return list(csv.DictReader(file))


@pytest.mark.django_db
def test_every_line_of_the_real_file_is_accounted_for(imported):
    assert imported.has_succeeded, imported.error
    assert (imported.read, imported.accepted, imported.rejected) == (541_909, 406_829, 135_080)
    assert imported.reasons == {"no_client": 135_080}
    assert imported.columns["product"] == "StockCode"
    assert (imported.date_format, imported.encoding) == ("mdy", "cp1252")
    assert SalesLine.objects.count() == 406_829
    assert imported.new_clients == Client.objects.filter(external_id__isnull=False).count() == 4_372
    with imported.rejects_file.open("rb") as file:
        assert sum(1 for _ in file) == 135_081


@pytest.mark.django_db
def test_the_months_of_the_real_file_equal_its_lines(imported):
    assert rollup.differences() == []
    assert MonthlySales.objects.count() == 13_675


@pytest.mark.django_db
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_nine_cells_and_every_customer_are_as_the_reference_has_them(
    imported, reference, variant
):
    run = segmenting.run(
        segmenting.request(start=START, periods=12, currency="GBP", **VARIANTS[variant])
    )
    assert run.has_succeeded, run.error
    with (REFERENCE / "counts.csv").open() as file:
        (counts,) = (
            row
            for row in csv.DictReader(file)
            if (row["run"], row["xyz_variant"]) == (RUN, variant)
        )
    assert run.counts == {cell: int(counts[cell]) for cell in run.counts}
    assert run.clients == int(counts["customers"])

    found = {
        segment.client.external_id: segment for segment in run.segments.select_related("client")
    }
    assert len(found) == len(reference)
    for rank, row in enumerate(reference, 1):
        segment = found[row["customer_id"]]
        assert (segment.rank, segment.abc, segment.xyz) == (rank, row["abc"], row[variant]), row[
            "customer_id"
        ]
        assert segment.total == Decimal(row["revenue"])
        assert (segment.documents, segment.active_periods) == (
            int(row["orders"]),
            int(row["active_months"]),
        )
        assert segment.nets == [Decimal(row[f"m{month:02}"]) for month in range(1, 13)]
        assert segment.cv == (Decimal(row["cv"]) if row["cv"] else None)
        if row["share_before"]:
            assert segment.share_before == Decimal(row["share_before"])


@pytest.mark.django_db
def test_the_clients_behind_a_cell_of_real_sales_can_be_opened(imported, analyst):
    run = segmenting.run(
        segmenting.request(start=START, periods=12, currency="GBP", **VARIANTS["xyz_freq"])
    )
    browser = Browser()
    browser.force_login(analyst)
    page = browser.get(f"/segmentation/{run.pk}/clients/?cell=AX")
    assert page.context["page"].paginator.count == 154
    assert page.context["page"].object_list[0].client.external_id == "14646"


@pytest.mark.django_db
def test_the_same_real_file_again_changes_nothing(imported):
    before = imported.new_documents
    again = SalesImport.objects.get(pk=imported.pk)
    again.pk, again.state = None, "queued"
    again.save()
    again = sales_import.run(again)
    assert (again.new_documents, again.replaced_documents, again.unchanged_documents) == (
        0,
        0,
        before,
    )
    assert SalesLine.objects.count() == 406_829
    assert rollup.differences() == []


@pytest.mark.django_db
def test_concentration_of_the_year_is_that_of_the_reference_and_of_the_lines(imported, reference):
    window = concentration_figures.Window(datetime.date(2011, 11, 1), "GBP")
    found = concentration_figures.of(window, user=factories.head())
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT array_agg(total ORDER BY total DESC) FROM (
                   SELECT sum(amount) AS total FROM segmentation_salesline
                   WHERE sold_on >= '2010-12-01' AND sold_on < '2011-12-01' GROUP BY client_id
               ) AS totals WHERE total > 0"""
        )
        [by_lines] = cursor.fetchone()
    by_reference = sorted(
        (total for row in reference if (total := Decimal(row["revenue"])) > 0), reverse=True
    )
    assert by_lines == by_reference
    whole = Fraction(sum(by_reference))
    figures = found.concentration
    assert (figures.clients, Fraction(figures.total)) == (len(by_reference), whole)
    assert (figures.first, figures.three, figures.ten) == tuple(
        Fraction(sum(by_reference[:number])) / whole for number in (1, 3, 10)
    )
    assert figures.hhi == 10_000 * sum(Fraction(total) ** 2 for total in by_reference) / whole**2
    assert concentration_figures.trend(window, user=factories.head())[-1].figures == figures
