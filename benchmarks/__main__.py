"""The command line: load, run, or both in a database of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from benchmarks.command import main  # noqa: E402 - Django is set up first

if __name__ == "__main__":
    main()
