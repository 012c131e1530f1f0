"""Forms of the analyst's and the head's pages."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models.client import Stage
from segmentation.models.runs import CELLS

THREE_LETTERS = RegexValidator(
    r"^[A-Z]{3}$", _("A currency is written in three letters, such as EUR.")
)


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
