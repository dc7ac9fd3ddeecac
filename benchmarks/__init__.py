"""What claims about speed are made of: ratios, measured side by side and interleaved in one run.

``python -m benchmarks`` runs every row of ``rows/``; names on its command line choose some.
"""
