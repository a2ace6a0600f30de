"""Calls, meetings, tasks, notes, reminders, the timeline."""
