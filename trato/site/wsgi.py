"""The pages and the API as a WSGI application, for granian or any other server."""

import os

from django.core.wsgi import get_wsgi_application

from .workers import look_after_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trato.site.settings")
look_after_worker()
application = get_wsgi_application()
