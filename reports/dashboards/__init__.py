"""Dashboards: reports pinned as tiles, each counted for whoever looks."""
