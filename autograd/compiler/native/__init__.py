"""Programs as machine code: loops through LLVM, matrix products by the BLAS that NumPy brings along."""
