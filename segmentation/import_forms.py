"""Forms of the import of sales: the file, and how it is read."""

from collections.abc import Sequence

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from segmentation.forms import THREE_LETTERS
from segmentation.models import SalesImport
from segmentation.models.sales import FileFormat
from segmentation.reading import (
    DATE_FORMATS,
    DECIMAL_MARKS,
    DELIMITERS,
    ENCODINGS,
    REQUIRED_ROLES,
    ROLES,
    Shape,
)
from segmentation.tables import SheetSeen

SUFFIXES = ("csv", "txt", "tsv", "xlsx", "xlsm", "parquet", "pq")
ROLES_OF_LINES = ("client", "date", "document", "quantity", "price", "amount", "cost", "margin")
ROLES_OF_PRODUCTS = ("product", "product_line", "currency", "part")
ROLES_OF_CLIENTS = ("name", "tax_id", "kam", "channel", "industry", "country", "city")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File of sales"),
        help_text=_(
            "CSV with any encoding and separator, a workbook (XLSX) or Parquet, with the names of the columns in "
            "the first line."
        ),
        validators=[
            FileExtensionValidator(
                SUFFIXES,
                _("Sales are read from CSV, XLSX and Parquet files. Save yours as one of them."),
            )
        ],
        widget=forms.ClearableFileInput(
            attrs={"accept": ",".join(f".{suffix}" for suffix in SUFFIXES)}
        ),
    )


class ColumnsForm(forms.Form):
    """Which column is what, and how to read them. Fields of columns are called `column_<role>`."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=_("Separator"), choices=list(DELIMITERS.items()))
    date_format = forms.ChoiceField(label=_("Dates"), choices=list(DATE_FORMATS.items()))
    decimal_mark = forms.ChoiceField(label=_("Decimal mark"), choices=list(DECIMAL_MARKS.items()))
    currency = forms.CharField(
        label=_("Currency of the amounts"),
        max_length=3,
        validators=[THREE_LETTERS],
        help_text=_("Of every line, or of those that leave it empty when a column tells it."),
    )

    def __init__(
        self,
        data=None,
        *,
        header: list[str],
        shape: Shape,
        sheets: Sequence[SheetSeen] = (),
        source: SalesImport | None = None,
    ):
        initial = {
            "encoding": shape.encoding,
            "delimiter": shape.delimiter,
            "date_format": shape.date_format,
            "decimal_mark": shape.decimal_mark,
            "currency": shape.currency,
            "sheets": shape.sheets,
            "mends": shape.supplements is not None,
            **{f"column_{role}": column for role, column in shape.columns.items()},
        }
        super().__init__(data, initial=initial)
        self._shape, self._source = shape, source
        for role, label in ROLES.items():
            self.fields[f"column_{role}"] = forms.ChoiceField(
                label=label,
                required=role in REQUIRED_ROLES,
                choices=[("", "—"), *((name, name) for name in header)],
            )
        if shape.file_format != FileFormat.CSV:
            del self.fields["encoding"], self.fields["delimiter"]
        if len(sheets) > 1:
            self.fields["sheets"] = forms.MultipleChoiceField(
                label=_("Sheets to read"),
                choices=[(sheet.name, _words(sheet)) for sheet in sheets],
                widget=forms.CheckboxSelectMultiple,
                help_text=_(
                    "One after another. A document that stands in several of them counts once, as the last one has it."
                ),
                error_messages={"required": _("Tick at least one sheet.")},
            )
        if source:
            self.fields["mends"] = forms.BooleanField(
                label=_("Add these lines to the documents that import brought"), required=False
            )

    def of_lines(self):
        return [self[f"column_{role}"] for role in ROLES_OF_LINES]

    def of_products(self):
        return [self[f"column_{role}"] for role in ROLES_OF_PRODUCTS]

    def of_clients(self):
        return [self[f"column_{role}"] for role in ROLES_OF_CLIENTS]

    def reading_fields(self):
        names = ("currency", "encoding", "delimiter", "date_format", "decimal_mark")
        return [self[name] for name in names if name in self.fields]

    def shape(self) -> Shape:
        told = self.cleaned_data
        return Shape(
            file_format=self._shape.file_format,
            sheets=tuple(told["sheets"]) if "sheets" in told else self._shape.sheets,
            encoding=told.get("encoding", ""),
            delimiter=told.get("delimiter", self._shape.delimiter),
            date_format=told["date_format"],
            decimal_mark=told["decimal_mark"],
            currency=told["currency"],
            columns={role: told[f"column_{role}"] for role in ROLES if told[f"column_{role}"]},
            supplements=self._source.pk if self._source and told.get("mends") else None,
        )


def _words(sheet: SheetSeen) -> str:
    columns = ngettext("%(count)d column", "%(count)d columns", len(sheet.header)) % {
        "count": len(sheet.header)
    }
    name = f"{sheet.name} ({columns})"
    return _("%(sheet)s, hidden") % {"sheet": name} if sheet.is_hidden else name
