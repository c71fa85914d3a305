"""What the benchmarks are made of: programs to compare with, processes to measure, and the load."""
