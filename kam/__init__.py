# Celery must know the application before any task of it is declared.
from kam.celery import app as celery_app

__all__ = ["celery_app"]
