"""02 flops and bytes: what a matrix product costs at the very least, before any kernel is written.

                         N
                     +-------+
                  K  |   B   |         C = A B + beta C
            K        +-------+
        +-------+    +-------+
     M  |   A   |  M |   C   |         one element of C: K multiplications, K additions
        +-------+    +-------+

Work is counted in FLOP, floating-point operations. A multiply-add is one instruction, and two operations.
Traffic is counted in bytes between the chip and its main memory. Some traffic no cache can save: an input has to be
read once, an output written once. These compulsory bytes are what a perfect kernel moves.
FLOP per byte is the arithmetic intensity. It says how much work there is to hide the traffic behind.

Write      flops(m, n, k): operations of the product A B (the few that beta adds are left out)
           compulsory_bytes(m, n, k, dtype, out, beta): bytes; A and B hold `dtype`, C holds `out`, both keys of BITS;
           beta is a number, and where it is 0, C is not read
           intensity(m, n, k, dtype, out, beta): FLOP per compulsory byte
Goal       every case passes; K may be 0
Size       roughly 5 lines
Grade      pytest exercises/02_flops_and_bytes.py

Check yourself: for M = N = K of about 4096 in float32, with beta = 1, Simon Boehm counts 137 GFLOP and 268 MB
("How to Optimize a CUDA Matmul Kernel for cuBLAS-like Performance", https://siboehm.com/articles/22/CUDA-MMM).

From M = 1 to M = 4096 (N = K = 4096, bfloat16) the work grows 4096 times. How many times does the intensity grow?
"""

# How many bits one element of each type has in memory.
BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    """Floating-point operations of A B."""
    # gap: roughly 1 line
    return 2 * m * n * k
    # end of gap


def compulsory_bytes(m, n, k, dtype, out, beta):
    """Bytes that must move between chip and memory, whatever the kernel."""
    # gap: roughly 3 lines
    inputs = (m * k + k * n) * BITS[dtype]
    # beta * C needs the old C: it comes in before the new one goes out.
    output = m * n * BITS[out] * (1 if beta == 0 else 2)
    return (inputs + output) / 8
    # end of gap


def intensity(m, n, k, dtype, out, beta):
    """Operations per compulsory byte."""
    # gap: roughly 1 line
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
    # end of gap
