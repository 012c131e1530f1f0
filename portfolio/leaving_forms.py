"""The forms of "what if they leave"."""

from django import forms
from django.utils.translation import gettext_lazy as _

from dossiers.controls import AmountField
from portfolio.models import Scenario


class AssumptionsForm(forms.Form):
    fixed_costs = AmountField(
        label=_("Fixed costs a month"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    reserve = AmountField(
        label=_("Money in reserve"), required=False, min_value=0, max_digits=14, decimal_places=2
    )


class NameForm(forms.ModelForm):
    class Meta:
        model = Scenario
        fields = ["name", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
