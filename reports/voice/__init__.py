"""What customers say: marks on calls, meetings and notes."""
