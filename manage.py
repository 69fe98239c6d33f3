#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = str(error).partition("\n")[0]
        sys.exit(f"The database does not answer: is `make run` running? ({reason})")
