from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = _("Portfolio")

    def ready(self):
        from portfolio import keeping_search

        # Asked for as the last of the apps' signals or not: the tables are there by then in any case.
        post_migrate.connect(keeping_search.after_migrate, sender=self, dispatch_uid="search")
