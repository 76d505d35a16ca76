"""Receipts and certificates, verified offline: who signed, what, and every number again."""
