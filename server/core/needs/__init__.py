"""Needs: what a home asks for, who serves it, and how far it has come."""
