"""Programs as Python code of NumPy's calls, which write into memory that was set aside before.

expansions           steps as others that NumPy computes better; cross_entropy: two that share their work
forms                op → lines of code, or a view
writer, variables    the lines of a program; the names and the memory of its values
chunks               lines about large arrays, in loops over chunks that stay in the cache
emit                 the function that they make, bound to arrays
"""
