"""``trato worker``: runs jobs from the queue in the database, until it is told to stop."""

import argparse

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from trato.engine.jobs import rescue

from .processes import become

PATIENCE = 20  # seconds that running jobs get to end when the worker is told to stop; what doesn't is run again


def worker(arguments: argparse.Namespace) -> None:
    """Puts back what a killed worker left, then works."""
    become("worker")
    rescue()
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as working:
        working.run_worker(
            concurrency=arguments.concurrency, shutdown_graceful_timeout=PATIENCE, delete_jobs="successful"
        )
