"""NexaSat: the thin Python layer of the customer-value warehouse."""
