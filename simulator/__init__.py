"""A local web server that speaks the sources' real formats: recorded payloads by URL, or generated seasons.

The first segment of a path is the original host: ``http://127.0.0.1:PORT/www.football-data.co.uk/fixtures.csv``
stands for ``https://www.football-data.co.uk/fixtures.csv``. Everything under ``/_simulator/`` controls it.
"""
