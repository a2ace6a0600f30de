"""Companies and people, their phones and e-mails."""
