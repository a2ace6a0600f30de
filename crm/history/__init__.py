"""The history page of any record, and bringing one old value back."""
