"""``python -m fieldhouse``."""

from fieldhouse.cli import main

main()
