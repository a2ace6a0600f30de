"""Scale data by COPY and the measured pages: `python -m benchmarks [load|run]`."""
