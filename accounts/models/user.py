"""The people who sign in. One person, one role, one e-mail address."""

import pghistory
import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.sorting import sort_key


class Role(models.TextChoices):
    KAM = "kam", _("Key account manager")
    HEAD = "head", _("Sales head")
    ANALYST = "analyst", _("Analyst")
    COLLEAGUE = "colleague", _("Colleague")
    ADMIN = "admin", _("Administrator")


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def kams(self):
        return self.active().filter(role=Role.KAM)

    def heads(self):
        return self.active().filter(role=Role.HEAD)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    use_in_migrations = False

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        """An administrator who may also use the admin site."""
        fields.setdefault("role", Role.ADMIN)
        fields.setdefault("name", email)
        fields.update(is_staff=True, is_superuser=True)
        return self.create_user(email, password, **fields)


@pgtrigger.register(
    pgtrigger.Trigger(
        name="holder_stays_kam",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Q(old__role="kam")
        & (~pgtrigger.Q(new__role="kam") | pgtrigger.Q(new__is_active=False)),
        func="""
            IF EXISTS (SELECT 1 FROM accounts_assignment
                       WHERE person_id = NEW.id AND ended_on IS NULL) THEN
                RAISE EXCEPTION 'holder_stays_kam: this person still holds key clients'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'holder_stays_kam';
            END IF;
            RETURN NEW;
        """,
    )
)
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["password", "last_login"],
)
class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    name_sort = models.CharField(max_length=200, editable=False, db_index=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.COLLEAGUE)
    position = models.CharField(_("position"), max_length=150, blank=True)
    team = models.CharField(
        _("team"),
        max_length=80,
        blank=True,
        help_text=_("Segmentations can look at the clients of a team alone."),
    )
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        default="en",
        choices=[("en", "English"), ("pl", "Polski"), ("ru", "Русский")],
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the administration pages"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name_sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email",
                violation_error_message=_("Somebody signs in with this e-mail address already."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
        ]

    def __str__(self):
        return self.name or self.email

    def save(self, *args, **kwargs):
        self.name_sort = sort_key(self.name)
        super().save(*args, **kwargs)

    # allauth and Django's e-mail helpers ask for these two.
    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_kam(self) -> bool:
        return self.role == Role.KAM

    @property
    def is_head(self) -> bool:
        return self.role == Role.HEAD

    @property
    def is_analyst(self) -> bool:
        return self.role == Role.ANALYST
