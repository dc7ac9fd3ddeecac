"""What people and programs see: every channel at ``/``, and public pages under ``/P/reader``."""
