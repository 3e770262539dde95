"""Fieldhouse on one machine: what ``make run`` starts, watches and stops."""
