"""What the purchase ledger tells about clients: cohorts, repeat purchases, bills, ABC.

A purchase is one client and day whose sum is not below zero; a day below zero is a return.
"""
