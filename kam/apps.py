from django.apps import AppConfig


class KamConfig(AppConfig):
    name = "kam"
    verbose_name = "Key account management"

    def ready(self) -> None:
        from kam import checks  # noqa: F401  (registers the system checks)
