"""Forms of the analyst's and the head's pages."""

from django import forms
from django.conf import settings
from django.core.validators import FileExtensionValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models.client import Stage
from segmentation import rollup, segmenting
from segmentation.models import Measure, XyzMethod
from segmentation.models.runs import CELLS
from segmentation.reading import (
    DATE_FORMATS,
    DECIMAL_MARKS,
    DELIMITERS,
    ENCODINGS,
    REQUIRED_ROLES,
    ROLES,
    Shape,
    parse_month,
)

THREE_LETTERS = RegexValidator(
    r"^[A-Z]{3}$", _("A currency is written in three letters, such as EUR.")
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File of sales"),
        help_text=_(
            "CSV with the names of the columns in its first line, any encoding and separator."
        ),
        validators=[
            FileExtensionValidator(
                ["csv", "txt", "tsv"],
                _("Sales are read from CSV files: .csv, .txt or .tsv. Save the sheet as CSV."),
            )
        ],
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
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

    def __init__(self, data=None, *, header: list[str], shape: Shape):
        initial = {
            "encoding": shape.encoding,
            "delimiter": shape.delimiter,
            "date_format": shape.date_format,
            "decimal_mark": shape.decimal_mark,
            "currency": shape.currency,
            **{f"column_{role}": column for role, column in shape.columns.items()},
        }
        super().__init__(data, initial=initial)
        for role, label in ROLES.items():
            self.fields[f"column_{role}"] = forms.ChoiceField(
                label=label,
                required=role in REQUIRED_ROLES,
                choices=[("", "—"), *((name, name) for name in header)],
            )
        self.order_fields([f"column_{role}" for role in ROLES])

    def column_fields(self):
        return [self[f"column_{role}"] for role in ROLES]

    def reading_fields(self):
        return [
            self[name]
            for name in ("currency", "encoding", "delimiter", "date_format", "decimal_mark")
        ]

    def shape(self) -> Shape:
        told = self.cleaned_data
        return Shape(
            encoding=told["encoding"],
            delimiter=told["delimiter"],
            date_format=told["date_format"],
            decimal_mark=told["decimal_mark"],
            currency=told["currency"],
            columns={role: told[f"column_{role}"] for role in ROLES if told[f"column_{role}"]},
        )


class RunForm(forms.Form):
    start = forms.CharField(
        label=_("First month"),
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-01"}),
    )
    periods = forms.IntegerField(
        label=_("Months"), min_value=1, max_value=120, initial=segmenting.DEFAULT_PERIODS
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    measure = forms.ChoiceField(label=_("ABC by"), choices=Measure.choices, initial=Measure.REVENUE)
    abc_a = forms.CharField(label=_("Limit of A, %"), initial="80")
    abc_b = forms.CharField(label=_("Limit of B, %"), initial="95")
    xyz_method = forms.ChoiceField(
        label=_("XYZ by"), choices=XyzMethod.choices, initial=XyzMethod.CV
    )
    xyz_x = forms.CharField(
        label=_("Limit of X"),
        required=False,
        help_text=_("0.10 of variation, or 10/12 of the months; empty: the usual one"),
    )
    xyz_y = forms.CharField(
        label=_("Limit of Y"),
        required=False,
        help_text=_("0.25 of variation, or 5/12 of the months"),
    )

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        currencies = rollup.currencies()
        self.fields["currency"].choices = [(code, code) for code in currencies] or [
            (settings.KAM_CURRENCY, settings.KAM_CURRENCY)
        ]

    def clean_start(self):
        try:
            return parse_month(self.cleaned_data["start"])
        except ValueError:
            raise forms.ValidationError(_("Write the month as 2026-01.")) from None

    def wish(self) -> dict:
        """Keyword arguments of `segmenting.request`."""
        told = self.cleaned_data
        usual = segmenting.DEFAULT_LIMITS[XyzMethod(told["xyz_method"])]
        limits = (told["xyz_x"] or usual[0], told["xyz_y"] or usual[1])
        # The usual limits of the other method stand in the form after the method was changed. Under this one they
        # are no limits at all (they fall where these rise), so nobody can have meant them.
        if limits in segmenting.DEFAULT_LIMITS.values():
            limits = usual
        return {
            "start": told["start"],
            "periods": told["periods"],
            "currency": told["currency"],
            "measure": told["measure"],
            "abc": (told["abc_a"].replace(",", "."), told["abc_b"].replace(",", ".")),
            "xyz": told["xyz_method"],
            "limits": limits,
        }


class RankedFilter(forms.Form):
    """What to show of the ranked clients; a value that is not known shows all."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)
    segment = forms.ChoiceField(
        label=_("Segment"),
        required=False,
        choices=[
            ("", _("all")),
            *((letter, letter) for letter in "ABC"),
            *((cell, cell) for cell in CELLS),
            ("none", _("none: no sales in the period")),
        ],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        required=False,
        choices=[("", _("all")), *Stage.choices],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What speaks for it; people will ask later."),
    )
