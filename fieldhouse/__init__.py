"""Fieldhouse's engine: discovers, fetches, archives and loads sports data. It knows nothing of Airflow."""
