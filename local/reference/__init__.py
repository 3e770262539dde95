"""``docs/dags.md`` and ``docs/tables.md``: the reference that is written from the code and held by ``make lint``."""
