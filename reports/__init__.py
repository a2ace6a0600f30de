"""Funnel, managers, RFM, CLV: reads everything."""
