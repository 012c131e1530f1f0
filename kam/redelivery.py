"""Takes back at once what a killed worker had in its hands.

A message that a worker took stays in Redis, among the unacknowledged, until the task ended. When the
worker is killed, Celery hands it out again only after the visibility timeout, which must be longer than
the longest task: hours. When no other worker is alive, nobody can be at work on those messages, so they
may go back into the queue right away.
"""

import logging

from celery import Celery

logger = logging.getLogger(__name__)


def take_back(app: Celery) -> int:
    """Returns how many messages went back; none while another worker answers."""
    if app.control.inspect(timeout=1).ping():
        return 0
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        with channel.conn_or_acquire() as client:
            held = client.zrange(channel.unacked_index_key, 0, -1)
            for tag in held:
                channel.qos.restore_by_tag(tag, client)
    if held:
        logger.warning("%s tasks of a worker that is gone went back into the queue", len(held))
    return len(held)
