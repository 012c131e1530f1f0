from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class KamConfig(AppConfig):
    name = "kam"
    verbose_name = "Key account management"
    default = True

    def ready(self) -> None:
        from kam import checks  # noqa: F401  (registers the system checks)


class StaticFiles(StaticFilesConfig):
    """Source maps are for the authors of vendored files: they are not collected."""

    ignore_patterns = (*StaticFilesConfig.ignore_patterns, "*.map")
