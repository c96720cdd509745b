"""``python -m trato.site`` is the ``trato`` command."""

import sys

from .cli import main

sys.exit(main())
