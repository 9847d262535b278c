"""What this server costs beside the limits of the same machine: `make bench`, or `python -m benchmarks`."""
