"""Benchmarks: time contestants side by side in a worker process, and write down what was measured."""
