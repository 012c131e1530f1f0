"""Takes back at once what a killed worker had in its hands.

A message that a worker took stays in Redis, among the unacknowledged, until the task ended. When the
worker is killed, Celery hands it out again only after the visibility timeout, which must be longer than
the longest task: hours. When no other worker is alive, nobody can be at work on those messages, so they
may go back into the queue right away.
"""

import logging

import kombu.pools
from celery import Celery

logger = logging.getLogger(__name__)


def take_back(app: Celery) -> int:
    """Returns how many messages went back; none while another worker answers.

    For the moment before a worker begins: it closes all pooled connections of this process. The worker's
    children would inherit them, wait for answers that went to their parent, and never end.
    """
    with Celery("kam.redelivery", broker=app.conf.broker_url, set_as_current=False) as asking:
        asking.conf.broker_transport_options = app.conf.broker_transport_options
        try:
            held = 0 if asking.control.inspect(timeout=1).ping() else _restore(asking)
        finally:
            kombu.pools.reset()
    if held:
        logger.warning("%s tasks of a worker that is gone went back into the queue", held)
    return held


def _restore(app: Celery) -> int:
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        with channel.conn_or_acquire() as client:
            held = client.zrange(channel.unacked_index_key, 0, -1)
            for tag in held:
                channel.qos.restore_by_tag(tag, client)
    return len(held)
