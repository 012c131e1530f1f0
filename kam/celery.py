"""Background work: the Celery application and what the scheduler rings for, and when."""

import os
import warnings

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")

app = Celery("kam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every task here may ring late, twice or after three weeks of silence: each looks at the dates in
# the database and does what is due, so the schedule is a doorbell and not a memory.
app.conf.beat_schedule = {
    "raise due revisions": {
        "task": "dossiers.tasks.raise_due_reviews",
        "schedule": crontab(hour=6, minute=0),
    },
    "deliver notices": {
        "task": "dossiers.tasks.deliver_notices",
        "schedule": crontab(minute="*/5"),
    },
    # After the night's imports, before people come.
    "look for slipping clients": {
        "task": "segmentation.tasks.look_for_slipping",
        "schedule": crontab(hour=5, minute=0),
    },
    "deliver notices of slipping": {
        "task": "segmentation.tasks.deliver_slipping_notices",
        "schedule": crontab(minute="2-59/5"),
    },
    "sweep printed dossiers": {
        "task": "dossiers.tasks.sweep_pdfs",
        "schedule": crontab(hour=3, minute=30),
    },
    "forget forms sent long ago": {
        "task": "dossiers.tasks.sweep_sent_forms",
        "schedule": crontab(hour=3, minute=40),
    },
    "forget changes heard of long ago": {
        "task": "accounts.tasks.sweep_changes",
        "schedule": crontab(hour=3, minute=50),
    },
    "sweep files that nothing knows": {
        "task": "dossiers.tasks.sweep_attachments",
        "schedule": crontab(hour=3, minute=45),
    },
    "sweep old files of sales": {
        "task": "segmentation.tasks.sweep_sales",
        "schedule": crontab(hour=3, minute=55),
    },
    # A queue that lost its messages, or a database that went away in the middle of a job, would otherwise
    # leave rows waiting or running until a worker starts again.
    "take up abandoned jobs": {
        "task": "segmentation.tasks.take_up_abandoned",
        "schedule": crontab(minute="*/5"),
    },
    "segment on schedule": {
        "task": "segmentation.tasks.run_scheduled",
        "schedule": crontab(hour=4, minute=0),
    },
}


@celeryd_init.connect
def _start_own_servers(**_kwargs) -> None:
    """A worker started by hand finds its servers, as `manage.py` does."""
    from kam import embedded

    # Said already by whoever starts this on a computer of one's own, in red and over five lines.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    try:
        embedded.ensure()
    except embedded.CannotStart as refusal:
        # Celery only logs what a handler raises, and would then wait for servers for ever.
        raise SystemExit(str(refusal)) from refusal


@worker_init.connect
def _take_back_what_a_killed_worker_held(**_kwargs) -> None:
    from kam import redelivery

    redelivery.take_back(app)


@setup_logging.connect
def _log_like_the_rest(**_kwargs) -> None:
    """Connecting here keeps Celery from setting up its own logging beside Django's."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
