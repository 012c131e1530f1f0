from django import forms

from accounts.models import User


class ProfileForm(forms.ModelForm):
    """What a person may change about himself; his role and address are the administrator's to change."""

    class Meta:
        model = User
        fields = ["name", "position", "phone", "language"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "language": forms.RadioSelect,
        }

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())
