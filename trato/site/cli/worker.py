"""``trato worker``: runs jobs from the queue in the database, until it is told to stop."""

import argparse
import logging
import time
from threading import Thread
from typing import NoReturn

from django.db import Error, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from trato.engine.jobs import rescue

from .processes import become

PATIENCE = 20  # seconds that running jobs get to end when the worker is told to stop; what doesn't is run again


STALE = 30  # seconds without a heartbeat (they come every ten) after which a worker counts as killed
EVERY = 15  # seconds between looks: a worker that was killed a moment ago still seems to be alive
logger = logging.getLogger("trato.worker")


def worker(arguments: argparse.Namespace) -> None:
    """Works, and puts back what killed workers leave."""
    become("worker")
    Thread(target=_rescue_again_and_again, name="rescue", daemon=True).start()
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(
            concurrency=arguments.concurrency, shutdown_graceful_timeout=PATIENCE, delete_jobs="successful"
        )


def _rescue_again_and_again() -> NoReturn:
    while True:
        try:
            if found := rescue(STALE):
                logger.warning("%s jobs of killed workers were put back", found)
        except Error:
            logger.warning("the database can't be reached to look for jobs of killed workers")
        connection.close()
        time.sleep(EVERY)
