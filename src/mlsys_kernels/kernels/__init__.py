"""The kernels behind `mlsys_kernels.matmul`: one file per machine, none of them imported before it is needed."""
