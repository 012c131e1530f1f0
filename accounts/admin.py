"""The administration pages: people, their tokens, and who changed what. Nothing of clients or dossiers.

They have no sign-in of their own: people come in through the one door, which is throttled.
"""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import audit, inviting, tokens
from accounts.access import may
from accounts.models import ApiToken, Assignment, User
from accounts.models.user import Role


class Administration(admin.AdminSite):
    site_title = site_header = _("Administration")
    index_title = _("People, tokens, audit")
    index_template = "accounts/admin/index.html"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request):
        return may(request.user, "administer")

    def admin_view(self, view, cacheable=False):
        checked = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(gettext("These pages are for administrators."))
            if any("\0" in value for values in request.GET.lists() for value in values[1]):
                # PostgreSQL refuses a text with a NUL in it, and Django's admin would pass it on.
                raise BadRequest("NUL in the query")
            return checked(request, *args, **kwargs)

        return inner

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        if request.user.is_authenticated:
            return redirect("admin:index")
        back_to = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(back_to, reverse(settings.LOGIN_URL))

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("admin:index")

    def get_urls(self):
        addresses = super().get_urls()
        for address in addresses:
            # Strangers go to the sign-in page at once, not by way of the admin's own.
            if hasattr(address, "callback") and hasattr(address.callback, "login_url"):
                address.callback.login_url = None
        return [
            path("audit/", self.admin_view(require_safe(self.audit)), name="audit"),
            *addresses,
        ]

    def audit(self, request):
        """Newest changes first, a hundred at a time; `before` leads to older ones."""
        kind, person, before = (request.GET.get(name, "") for name in ("kind", "person", "before"))
        kinds = audit.kinds()
        found = audit.entries(
            kind=kind if kind in kinds else "",
            person=int(person) if person.isdecimal() and len(person) < 19 else None,
            before=_moment(before),
        )
        context = {
            **self.each_context(request),
            "title": _("Who changed what"),
            "entries": found,
            "oldest": found[-1].at.isoformat() if found else "",
            "kinds": [(label, audit.kind_name(model)) for label, model in kinds.items()],
            "people": User.objects.values_list("pk", "name"),
            "kind": kind,
            "person": person,
        }
        request.current_app = self.name
        return TemplateResponse(request, "accounts/admin/audit.html", context)


def _moment(text: str):
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


site = Administration(name="admin")


class ForAdministrators:
    """The role decides, not Django's own permissions; nothing is deleted, history points to it."""

    def has_module_permission(self, request):
        return may(request.user, "administer")

    def has_view_permission(self, request, obj=None):
        return may(request.user, "administer")

    def has_add_permission(self, request):
        return may(request.user, "administer")

    def has_change_permission(self, request, obj=None):
        return may(request.user, "administer")

    def has_delete_permission(self, request, obj=None):
        return False


# ── People ───────────────────────────────────────────────────────────────────────────────────

PERSON = ("email", "name", "role", "language", "position", "phone")


class NewPersonForm(forms.ModelForm):
    password = forms.CharField(
        label=_("password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Leave it empty to send an invitation: the person then chooses a password without anybody else knowing it."
        ),
    )

    class Meta:
        model = User
        fields = PERSON

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        cleaned = super().clean()
        if password := cleaned.get("password"):
            try:
                validate_password(password, self.instance)
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return cleaned


class PersonForm(forms.ModelForm):
    password = ReadOnlyPasswordHashField(label=_("password"))

    class Meta:
        model = User
        fields = (*PERSON, "is_active")

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        cleaned = super().clean()
        role, active = cleaned.get("role"), cleaned.get("is_active")
        if role != Role.KAM or not active:
            self._holds_nobody()
        if role != Role.ADMIN or not active:
            self._leaves_an_administrator()
        return cleaned

    def _holds_nobody(self):
        held = Assignment.objects.open().filter(person=self.instance).select_related("client")
        if held:
            raise ValidationError(
                _(
                    "%(person)s still holds key clients: %(clients)s. A sales head has to hand them to "
                    "somebody else first."
                ),
                params={
                    "person": self.instance,
                    "clients": ", ".join(str(assignment.client) for assignment in held),
                },
            )

    def _leaves_an_administrator(self):
        others = User.objects.active().filter(role=Role.ADMIN).exclude(pk=self.instance.pk)
        if not others.exists():
            raise ValidationError(
                _("Somebody has to stay an administrator. Make another person one first.")
            )


@admin.register(User, site=site)
class PersonAdmin(ForAdministrators, UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    fieldsets = (
        (None, {"fields": (*PERSON, "is_active", "password")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": (*PERSON, "password")}),)
    readonly_fields = ("last_login", "date_joined")
    list_display = ("name", "email", "role", "position", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    ordering = ("name_sort", "pk")
    filter_horizontal = ()
    actions = ("send_invitation",)

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.role == Role.ADMIN
        if change:
            super().save_model(request, obj, form, change)
            return
        password = form.cleaned_data.get("password")
        obj.set_password(password or None)
        super().save_model(request, obj, form, change)
        if not password:
            inviting.invite(obj, by=request.user)
            self.message_user(request, gettext("An invitation was sent to %s.") % obj.email)

    def user_change_password(self, request, id, form_url=""):
        person = self.get_object(request, unquote(id))
        before = person.password if person else None
        answer = super().user_change_password(request, id, form_url)
        after = User.objects.filter(pk=person.pk).first() if person else None
        if after and before != after.password and after.pk != request.user.pk:
            inviting.tell_of_password(after, by=request.user)
        return answer

    @admin.action(description=_("Send an invitation to choose a new password"))
    def send_invitation(self, request, people):
        invited = [person for person in people if person.is_active]
        for person in invited:
            inviting.invite(person, by=request.user)
        self.message_user(
            request,
            ngettext("%d invitation was sent.", "%d invitations were sent.", len(invited))
            % len(invited),
        )


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────


class NewTokenForm(forms.ModelForm):
    days = forms.IntegerField(
        label=_("valid for, days"),
        min_value=1,
        max_value=tokens.LONGEST_DAYS,
        initial=tokens.USUAL_DAYS,
    )

    class Meta:
        model = ApiToken
        fields = ("person", "name")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "person" in self.fields:  # not where a token is only looked at
            self.fields["person"].queryset = User.objects.active()
            chooser = self.fields["person"].widget
            chooser.can_add_related = chooser.can_change_related = chooser.can_view_related = False

    def _post_clean(self):
        """The rest of the token is filled in by `tokens.make`, which has the last word."""


@admin.register(ApiToken, site=site)
class TokenAdmin(ForAdministrators, admin.ModelAdmin):
    form = NewTokenForm
    list_display = (
        "name",
        "person",
        "works",
        "created_at",
        "created_by",
        "expires_at",
        "last_used_at",
    )
    list_select_related = ("person", "created_by")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "person__name", "person__email")
    actions = ("revoke",)

    @admin.display(description=_("works"), boolean=True)
    def works(self, token):
        return token.is_usable(now=timezone.now())

    def has_change_permission(self, request, obj=None):
        # A token is made and revoked; what it is for does not change meanwhile.
        return obj is None and super().has_change_permission(request)

    def get_fields(self, request, obj=None):
        if obj is None:
            return ("person", "name", "days")
        return (
            "person",
            "name",
            "created_at",
            "created_by",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )

    def render_change_form(self, request, context, *args, **kwargs):
        # One token at a time: the page that follows shows its secret.
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        made, request.new_secret = tokens.make(
            form.cleaned_data["person"],
            name=form.cleaned_data["name"],
            days=form.cleaned_data["days"],
            by=request.user,
            now=timezone.now(),
        )
        # What follows in Django's admin goes on with this very object.
        obj.__dict__.update(made.__dict__)
        if made.person_id != request.user.pk:
            inviting.tell_of_token(made, by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        """The one page that shows the secret. No redirect: it must not be kept in a cookie on the way."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("The token, this once"),
            "opts": self.opts,
            "token": obj,
            "secret": request.new_secret,
        }
        answer = TemplateResponse(request, "accounts/admin/token_made.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @admin.action(description=_("Revoke: the chosen tokens open nothing from now on"))
    def revoke(self, request, chosen):
        revoked = sum(tokens.revoke(token, by=request.user, now=timezone.now()) for token in chosen)
        self.message_user(
            request,
            ngettext("%d token was revoked.", "%d tokens were revoked.", revoked) % revoked,
            messages.SUCCESS,
        )
