"""Forms of the pages about slipping and lost clients."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.user import Role
from segmentation.forms import THREE_LETTERS
from segmentation.losing import LOSS_FIELDS, MEASURE_FIELDS
from segmentation.models import Loss, WinBackMeasure
from segmentation.models.slipping import LossDirection, LossReason, MeasureState

ALL = ("", pgettext_lazy("no filter", "all"))
AT_ONCE = {"data-autosubmit": ""}


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


def _day(**options) -> forms.DateField:
    return forms.DateField(widget=DayInput(), input_formats=["%Y-%m-%d"], **options)


class SlippingFilter(forms.Form):
    """What is not known shows all."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)
    abc = forms.ChoiceField(
        label=_("Class"),
        required=False,
        choices=[ALL, *((letter, letter) for letter in "ABC")],
        widget=forms.Select(attrs=AT_ONCE),
    )
    kam = forms.ModelChoiceField(
        User.objects.none(),
        label=_("KAM"),
        required=False,
        empty_label=pgettext_lazy("no filter", "all"),
        widget=forms.Select(attrs=AT_ONCE),
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        if user.role == Role.KAM:
            del self.fields["kam"]
        else:
            self.fields["kam"].queryset = User.objects.kams().order_by("name_sort", "pk")

    @property
    def wanted(self) -> dict:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in ("q", "abc", "kam")}


class LossFilter(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[ALL, *LossReason.choices],
        widget=forms.Select(attrs=AT_ONCE),
    )
    direction = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=[ALL, *LossDirection.choices],
        widget=forms.Select(attrs=AT_ONCE),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[ALL, ("open", _("Still lost")), ("back", _("Came back"))],
        widget=forms.Select(attrs=AT_ONCE),
    )

    @property
    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class Versioned(forms.ModelForm):
    """Carries the version that the person saw; the operations write, and not the form."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def _post_clean(self):
        """Fields alone are checked here: what contradicts itself is said by the operation."""

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class LossForm(Versioned):
    lost_on = _day(label=_("Lost since"))

    class Meta:
        model = Loss
        fields = LOSS_FIELDS
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "competitor": _("The competitor's name, if you know it."),
            "worth_winning": _("It then stands on the win-back list until it orders again."),
        }


class MeasureForm(Versioned):
    due_on = _day(label=_("Due"), required=False)
    done_on = _day(
        label=_("Done on"), required=False, help_text=_("Left empty: today, once it is done.")
    )
    currency = forms.CharField(
        label=_("Currency"), required=False, max_length=3, validators=[THREE_LETTERS]
    )

    class Meta:
        model = WinBackMeasure
        fields = MEASURE_FIELDS
        widgets = {"result": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, today, **options):
        super().__init__(*args, **options)
        self.today = today
        # Whoever keeps clients, and whoever has the measure already.
        owner = Q(role__in=(Role.KAM, Role.HEAD), is_active=True)
        if self.instance.owner_id:
            owner |= Q(pk=self.instance.owner_id)
        self.fields["owner"].queryset = User.objects.filter(owner).order_by("name_sort", "pk")

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()

    def clean(self):
        told = super().clean()
        if told.get("state") == MeasureState.DONE and not told.get("done_on"):
            told["done_on"] = self.today
        if told.get("done_on") and told["done_on"] > self.today:
            self.add_error("done_on", _("That day is still to come."))
        return told
