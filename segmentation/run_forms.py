"""The form for a run."""

from django import forms
from django.conf import settings
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Client, User
from accounts.models.user import Role
from segmentation import abc_xyz, periods, rollup, segmenting
from segmentation.models import AbcBy, Measure, Unit, XyzMethod


class RunForm(forms.Form):
    unit = forms.ChoiceField(
        label=_("Cut into"), choices=Unit.choices, initial=Unit.MONTH, required=False
    )
    start = forms.CharField(
        label=_("First period"),
        max_length=10,
        help_text=_("2026-01, 2026-Q1 or 2026-W01, or any day of it"),
        widget=forms.TextInput(attrs={"placeholder": "2026-01"}),
    )
    periods = forms.IntegerField(
        label=_("Number of periods"),
        min_value=1,
        max_value=segmenting.MOST_PERIODS,
        initial=segmenting.DEFAULT_PERIODS,
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    measure = forms.ChoiceField(
        label=_("Measure"), choices=Measure.choices, initial=Measure.REVENUE
    )
    abc_by = forms.ChoiceField(
        label=_("ABC by"), choices=AbcBy.choices, initial=AbcBy.LIMITS, required=False
    )
    abc_a = forms.CharField(label=_("Limit of A, %"), initial="80", required=False)
    abc_b = forms.CharField(
        label=_("Limit of B, %"),
        initial="95",
        required=False,
        help_text=_("not needed where the limits are computed"),
    )
    xyz_method = forms.ChoiceField(
        label=_("XYZ by"), choices=XyzMethod.choices, initial=XyzMethod.CV
    )
    xyz_x = forms.CharField(
        label=_("Limit of X"),
        required=False,
        help_text=_("0.10 of variation, or 10/12 of the periods; empty: the usual one"),
    )
    xyz_y = forms.CharField(
        label=_("Limit of Y"),
        required=False,
        help_text=_("0.25 of variation, or 5/12 of the periods"),
    )
    min_history = forms.IntegerField(
        label=_("History needed, periods"),
        min_value=0,
        max_value=segmenting.MOST_PERIODS,
        initial=0,
        required=False,
        help_text=_("fewer since the first sale: N, too short a history; 0 judges everybody"),
    )
    channel = forms.ChoiceField(label=_("Sales channel"), required=False)
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    team = forms.ChoiceField(
        label=_("Team"), required=False, help_text=_("the clients that its KAMs hold")
    )

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        currencies = rollup.currencies() or [settings.KAM_CURRENCY]
        self.fields["currency"].choices = [(code, code) for code in currencies]
        words = scopes()
        for name in segmenting.SCOPE_FIELDS:
            self.fields[name].choices = [("", _("all")), *((word, word) for word in words[name])]

    def period_fields(self):
        return [self[name] for name in ("unit", "start", "periods", "currency")]

    def abc_fields(self):
        return [self[name] for name in ("measure", "abc_by", "abc_a", "abc_b")]

    def xyz_fields(self):
        return [self[name] for name in ("xyz_method", "xyz_x", "xyz_y", "min_history")]

    def scope_fields(self):
        return [self[name] for name in segmenting.SCOPE_FIELDS]

    def clean(self):
        told = super().clean()
        told["unit"] = told.get("unit") or Unit.MONTH
        if "start" in told:
            try:
                told["start"] = periods.parse(told["unit"], told["start"])
            except periods.NoPeriod:
                self.add_error(
                    "start", _("Write the first period as 2026-01, 2026-Q1 or 2026-W01.")
                )
        return told

    def wish(self) -> dict:
        """Keyword arguments of `segmenting.request`."""
        told = self.cleaned_data
        usual = segmenting.DEFAULT_LIMITS[XyzMethod(told["xyz_method"])]
        limits = (told["xyz_x"] or usual[0], told["xyz_y"] or usual[1])
        # The usual limits of the other method stand in the form after the method was changed. Under this one they
        # are no limits at all (they fall where these rise), so nobody can have meant them.
        if limits in segmenting.DEFAULT_LIMITS.values():
            limits = usual
        same = ("start", "unit", "periods", "currency", "measure", *segmenting.SCOPE_FIELDS)
        return {
            **{name: told[name] for name in same},
            "abc": abc_xyz.COMPUTED
            if told["abc_by"] == AbcBy.COMPUTED
            else (
                (told["abc_a"] or "80").replace(",", "."),
                (told["abc_b"] or "95").replace(",", "."),
            ),
            "xyz": told["xyz_method"],
            "limits": limits,
            "min_history": told["min_history"] or 0,
        }


def scopes() -> dict[str, list[str]]:
    """The channels, industries and teams that there are; one query."""

    def words(rows, name):
        rows = rows.exclude(**{name: ""}).order_by()
        return rows.annotate(kind=Value(name)).values_list("kind", name)

    clients = Client.objects.all()
    found: dict[str, list[str]] = {name: [] for name in segmenting.SCOPE_FIELDS}
    rows = words(clients, "channel").union(
        words(clients, "industry"), words(User.objects.filter(role=Role.KAM), "team")
    )
    for name, word in rows:
        found[name].append(word)
    return {name: sorted(listed, key=str.casefold) for name, listed in found.items()}
