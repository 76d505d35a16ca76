"""The only code that speaks to AWS: tables, queues, secrets, and the clock."""
