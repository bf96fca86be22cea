"""Our operations beside a floor timed in the same run. `python -m tests.bench` prints the table."""
