"""Pipelines, stages, deals, stage history, the board."""
