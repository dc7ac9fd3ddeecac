"""The rows of the result: one module per subject, each function measures one row."""
