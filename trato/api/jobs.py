"""Housekeeping of the API: past rate windows and old idempotent answers are dropped."""

from procrastinate.contrib.django import app

from trato.engine import idempotency, limits


@app.periodic(cron="*/5 * * * *")
@app.task(name="trato.api.sweep_rates", pass_context=False)
def sweep_rates(timestamp: int) -> None:
    """Every five minutes: counts of windows that are over."""
    limits.sweep()


@app.periodic(cron="17 * * * *")
@app.task(name="trato.api.sweep_keys", pass_context=False)
def sweep_keys(timestamp: int) -> None:
    """Every hour: answers kept for Idempotency-Keys longer than a day."""
    idempotency.sweep()
