"""What claims about speed are made of: ratios, measured side by side and interleaved in one run."""
