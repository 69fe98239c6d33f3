#!/usr/bin/env python
"""Django's command line for this project."""

import os
import signal
import sys

if __name__ == "__main__":
    # Ctrl-C is not an error, not even while modules are still being imported.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None):
            raise  # the server responded with an error
        reason = str(error).partition("\n")[0]
        sys.exit(f"The database isn't responding. Is `make run` running? ({reason})")
