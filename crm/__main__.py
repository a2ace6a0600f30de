"""`python -m crm`: starts, stops, tests and tends an installation."""

import sys

from crm.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
