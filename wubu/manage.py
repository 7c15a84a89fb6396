"""Django's management commands with Wubu's settings: ``python -m wubu.manage``."""

import os
import sys

import django
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wubu.settings")
    django.setup()
    from wubu.setup import enter_schema  # noqa: PLC0415 - it needs the settings

    enter_schema()  # Django's commands know nothing of units of work
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
