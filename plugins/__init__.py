"""What knows Airflow: operators over the engine, and settings, windows, defaults and alerts around them."""
