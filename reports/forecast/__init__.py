"""What open deals will bring: chances by stage and age from own history, and how it held."""
