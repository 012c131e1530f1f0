"""The form of the policy, in sections. The selection's rows of weights stand in `WeightRows`."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation import policies
from segmentation.criteria import NAMES
from segmentation.models import Policy
from segmentation.scoring import CRITERIA

SEGMENTATION = (
    *("measure", "unit", "periods", "min_history", "abc_by", "abc_a", "abc_b", "xyz_method"),
    *("cv_x", "cv_y", "frequency_x", "frequency_y"),
)
SELECTION = ("growth_months", "breadwinner_share")
SLIPPING = ("rhythm_min_orders", "slip_spreads", "slip_factor", "lost_factor", "lost_min_days")
CONCENTRATION = (
    *("first_share_medium", "first_share_high", "hhi_medium", "hhi_high"),
    *("fixed_costs", "reserve", "currency"),
)
# Criteria that the house may add itself.
OWN_ROWS = 3


class PolicyForm(forms.ModelForm):
    """All of the policy; `version` is the one it was opened at."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("kept with the version; people will ask later"),
    )

    class Meta:
        model = Policy
        fields = (*SEGMENTATION, *SELECTION, *SLIPPING, *CONCENTRATION)

    def __init__(self, data=None, *, policy: Policy):
        initial = {"version": policy.pk or 0, "reason": ""} | {
            name: _bare(value)
            for name in self._meta.fields
            if isinstance(value := getattr(policy, name), Decimal)
        }
        super().__init__(data, instance=policy, initial=initial)
        self.weights = WeightRows(data, criteria=policy.criteria)

    def _post_clean(self):
        """The rules are those of `policies.set_policy`, which sees the version as a whole."""

    def is_valid(self):
        return super().is_valid() and self.weights.is_valid()

    def now_at(self, policy: Policy) -> None:
        """After a conflict was told: sending it again changes the version that holds now."""
        self.data = self.data.copy()
        self.data["version"] = policy.pk or 0

    def segmentation_fields(self):
        return [self[name] for name in SEGMENTATION]

    def selection_fields(self):
        return [self[name] for name in SELECTION]

    def slipping_fields(self):
        return [self[name] for name in SLIPPING]

    def concentration_fields(self):
        return [self[name] for name in CONCENTRATION]

    def changes(self) -> dict:
        """Keyword arguments of `policies.set_policy`."""
        told = {name: self.cleaned_data[name] for name in self._meta.fields}
        for name in (name for pair in policies.LIMITS.values() for name in pair):
            told[name] = _tidy(told[name])
        told["currency"] = told["currency"].upper()
        return {**told, "criteria": self.weights.criteria()}


def _tidy(text: str) -> str:
    """As it would be kept, so that a comma instead of a point is no change; what is no limit is told later."""
    try:
        return policies.read_limit(text)
    except ValueError:
        return text


class WeightRows(forms.Form):
    """A weight from 0 to 100 for each known criterion, and rows for criteria of the house's own."""

    def __init__(self, data=None, *, criteria: list[dict]):
        super().__init__(data)
        self.standing = criteria
        weights = {each["key"]: each["weight"] for each in criteria} or CRITERIA
        own = [each for each in criteria if each["key"] not in CRITERIA]
        for key in CRITERIA:
            self.fields[f"weight_{key}"] = _weight(NAMES[key], weights.get(key, 0))
        for place in range(max(OWN_ROWS, len(own) + 1)):
            each = own[place] if place < len(own) else {}
            self.fields[f"own_name_{place}"] = forms.CharField(
                label=_("Criterion of our own"),
                max_length=80,
                required=False,
                initial=each.get("name", ""),
            )
            self.fields[f"own_weight_{place}"] = _weight(_("Its weight"), each.get("weight", 0))

    def known_fields(self):
        return [self[f"weight_{key}"] for key in CRITERIA]

    def own_fields(self):
        places = range(sum(name.startswith("own_name_") for name in self.fields))
        return [(self[f"own_name_{place}"], self[f"own_weight_{place}"]) for place in places]

    def criteria(self) -> list[dict]:
        """As the policy keeps them; the standing list where only its spelling would differ."""
        told = self.cleaned_data
        found = [{"key": key, "weight": _bare(told[f"weight_{key}"])} for key in CRITERIA]
        own = [each["key"] for each in self.standing if each["key"] not in CRITERIA]
        taken = {int(key.removeprefix("own")) for key in own if key.removeprefix("own").isdecimal()}
        following = max(taken, default=0) + 1
        for place, (name, _weight_field) in enumerate(self.own_fields()):
            text = told[name.name].strip()
            if not text:
                continue
            if place < len(own):
                key = own[place]
            else:
                key, following = f"own{following}", following + 1
            found.append({"key": key, "name": text, "weight": _bare(told[f"own_weight_{place}"])})
        standing = self.standing or [
            {"key": key, "weight": _bare(weight)} for key, weight in CRITERIA.items()
        ]
        return self.standing if _plain(found) == _plain(standing) else found


def _weight(label, initial) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
        initial=_bare(initial),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def _bare(weight) -> str:
    try:
        return f"{Decimal(str(weight or 0)).normalize():f}"
    except InvalidOperation:
        return "0"


def _plain(criteria: list[dict]) -> dict:
    """Key → name and weight; a weight of nought is the same as not being there."""
    return {
        each["key"]: (each.get("name", ""), _bare(each["weight"]))
        for each in criteria
        if each.get("name") or _bare(each["weight"]) != "0"
    }
