"""What a kernel does to memory, and a Triton interpreter that is as strict as a GPU."""
