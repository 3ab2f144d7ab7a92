#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

# These look after a stage from outside, and have to work before there is any.
OPERATOR_COMMANDS = {"dead_letters", "provision", "publish_static", "restore_drill"}

if __name__ == "__main__":
    is_outside = len(sys.argv) > 1 and sys.argv[1] in OPERATOR_COMMANDS
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "cloudcart.aws.operator_settings" if is_outside else "cloudcart.settings"
    )
    execute_from_command_line(sys.argv)
