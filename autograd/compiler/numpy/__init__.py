"""Programs as Python code of NumPy's calls, which write into memory that was set aside before."""
