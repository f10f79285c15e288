#!/usr/bin/env python
"""Django's command line; the import stays inside `main` so that no child program starts it by accident."""

import os
import sys


def main() -> None:
    """Run the command named in the arguments."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuning_site.settings")
    try:
        from django.core.management import execute_from_command_line

        from tuning_site.environment import SettingRefused

        try:
            execute_from_command_line(sys.argv)
        except SettingRefused as refusal:
            sys.exit(f"{refusal}")
    except KeyboardInterrupt:  # what a shell says of a program that Ctrl-C ended
        sys.exit(130)


if __name__ == "__main__":
    main()
