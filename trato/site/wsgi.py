"""The pages and the API as a WSGI application, for granian or any other server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from .workers import look_after_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
look_after_worker()
application = get_wsgi_application()
# All pages are imported now, so that a mistake in one shows at the start and not at somebody's first click.
_ = get_resolver().url_patterns
# What stands now stands until the end. Looking through it for garbage again and again cost 4 % of a record's page.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
