"""Reports counted by the worker, with progress and a kept result."""
