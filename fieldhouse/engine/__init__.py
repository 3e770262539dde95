"""The way of the data as plain functions, which operators and command line call: discover, scrape, archive, load."""
