"""Every cause that grading can name: its slug, its title, and a hint that teaches how to find it.

A slug is the anchor of its section in docs/causes.md. Hints say where to look and never what to write.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A cause: `slug` for machines and links, `title` for headings, `hint` for a learner who is stuck."""

    slug: str
    title: str
    hint: str


_TERMS = (
    Name("tail-of-k", "The last terms of K are missing",
         "Print the range of k that your last tile covers when K is not a multiple of the tile."),
    Name("head-of-k", "The first terms of K are missing",
         "Print the first k that your loop visits, and what the sum holds just before it."),
    Name("middle-of-k", "Terms in the middle of K are missing",
         "Print first and last k of every tile, one line per tile: does each begin where the one before ends?"),
    Name("last-term-only", "Only the last term of K is left",
         "Follow one element of C by hand for K = 2: what does it hold after each of the two steps?"),
    Name("overwrites-over-k", "Every tile of K overwrites C",
         "Print one element of C after every tile of K. Does it grow into the sum, or does it start again?"),
    Name("one-tile-only", "Only one tile of K is added",
         "Count how often the loop over K runs, and compare it with K divided by the tile, rounded up."),
    Name("part-of-every-tile", "A part of every tile of K is missing",
         "Inside one tile, print every k that is used. Which one of the tile's own length never comes?"),
    Name("tiles-overlap", "Terms of K are added twice",
         "Print first and last k of two tiles that follow each other: no k may be in both."),
    Name("added-every-step", "The running sum is added to C again and again",
         "Ask of the accumulator: when is it set to zero, and when is it added to C? Count both for K = 2."),
    Name("sum-not-reset", "The sum is not set to zero for the next element",
         "Find the line that sets the sum to zero. Inside which of the loops does it stand?"),
    Name("stale-padding", "The padding of a buffer still holds old values",
         "Print the whole buffer, padding included, for the last and shorter piece of K."),
    Name("small-terms-skipped", "Small terms are left out",
         "Look for a comparison with a small number or with the largest element; every term counts."),
    Name("wrong-step-over-k", "The step from one tile of K to the next is wrong",
         "Print the address of the tile's first element at two steps. How far apart in memory should they be?"),
)  # fmt: skip

_READING = (
    Name("transposed-a", "A is read as its transpose",
         "Try a matrix A that is 2 x 3: which element do you get for row 0, column 2?"),
    Name("transposed-b", "B is read as its transpose",
         "Try a matrix B that is 2 x 3: which element do you get for row 0, column 2?"),
    Name("exchanged-operands", "A and B are exchanged",
         "Multiply by an identity with one element changed: on which side does the change appear?"),
    Name("operand-unused", "One of the operands is not used",
         "Change one element of A, then one of B. Which of the two changes nothing?"),
    Name("elementwise", "Element by element, not row by column",
         "Write down C[0, 0] for 2 x 2 matrices as a sum; how many terms does your code add?"),
    Name("strides-ignored", "Strides are ignored",
         "Print a.strides (or a.stride()) for a slice or a transpose, and find where your code uses each number."),
    Name("reshaped-not-transposed", "Reshaped, where transposed is meant",
         "Print a small 2 x 3 matrix, its transpose and its reshape to 3 x 2 beside each other."),
    Name("wrong-row-length", "A matrix is walked with another one's row length",
         "How far is it from one row to the next, in A and in B? Check both with M, N and K all different."),
    Name("off-by-one", "An index is off by one",
         "Print the indices of the first and last element that you read in each direction."),
    Name("nan-appears", "NaN where a number belongs",
         "Ask of every load: which addresses does it touch in the last, partial tile, and what comes from outside?"),
    Name("previous-operand", "An operand of the call before is used",
         "What do you keep between calls, and how do you notice that its contents are no longer the same?"),
)  # fmt: skip

_PLACES = (
    Name("transposed-c", "Rows and columns of C are exchanged",
         "Compute a 2 x 3 result by hand and compare it with yours, element by element."),
    Name("block-transposed", "Every block is stored with rows and columns exchanged",
         "Fill the block with the numbers 0, 1, 2, ... instead of sums and look at where they end up in C."),
    Name("shifted", "C is shifted",
         "Print the index of the row and column that the very first store writes to."),
    Name("reversed", "C stands in reverse order",
         "Which way does your index run, and which way does a view with negative strides lie in memory?"),
    Name("repeats-first-tile", "Every tile holds the first one",
         "Print the first row that each tile reads. Where does the tile's own number enter the address?"),
    Name("wrong-tile", "Right values in the wrong tile",
         "Store the tile's number in place of its sums, and compare the picture with the grid that you want."),
    Name("never-written", "Elements that are never written",
         "Count how often each element is stored: the grid of tiles must be rounded up, and each bound its own."),
    Name("tiles-of-c-overlap", "Tiles of C overlap",
         "Print first and last row and column of two neighbouring tiles: no element of C may be in both."),
    Name("remainder", "A remainder that the tiles do not cover",
         "Work out the last tile by hand: where does it begin, where does it end, and where does the matrix end?"),
    Name("stored-past-the-row", "A tile is stored past the end of a row",
         "In the last tile of columns, print the largest column that is stored. What lies behind it in memory?"),
)  # fmt: skip

_MEMORY = (
    Name("previous-answer", "The answer to the call before",
         "What lives longer than one call: a global, a default argument, a cache keyed by shape?"),
    Name("adds-to-previous-answer", "Added to the answer of the call before",
         "What does C hold before the first product is added to it, in the second call?"),
    Name("not-initialised", "Memory that nobody has written",
         "Which functions return memory as they find it? What does C hold before your first line writes to it?"),
    Name("constant-offset", "The right answer plus a constant",
         "Set K to 0: what should come out, and what does?"),
    Name("differs-from-run-to-run", "Another answer in every run",
         "List who writes each element of C, and in which order. Does anything read it before it is written?"),
)  # fmt: skip

_BITS = (
    Name("tf32", "float32 rounded to tf32",
         "Read what the documentation of tl.dot says about `input_precision`, its default included."),
    Name("half-operands", "Operands rounded to 16 bits",
         "Look for every place where the type of A or B changes before they are multiplied."),
    Name("half-products", "Products rounded to 16 bits",
         "Which type does the product of two 16-bit numbers have in your code, before it is added?"),
    Name("half-accumulator", "The sum is kept in 16 bits",
         "Print the dtype of the accumulator, and of what you add to it, at every step."),
    Name("half-result", "The result passes through 16 bits",
         "Follow the type of the finished sum on its way into C."),
    Name("float32-in-float64", "float64 computed in float32",
         "Search for float32: constants, arrays of your own and conversions all decide the type."),
    Name("truncated", "Bits cut off instead of rounded",
         "Look for masks, shifts and views as integers: what happens to the bits that do not fit?"),
    Name("integer-accumulator", "Fractions are cut off",
         "Which type does your accumulator have? Try A = B = [[0.5]]."),
    Name("lost-bits", "Close, but bits are lost",
         "List the type of every intermediate value, from the load to the store."),
    Name("tiny-flushed", "Small results come out as zero",
         "Try operands of 1e-6: where does the product become zero?"),
    Name("overflow", "A number that is too large for its type",
         "What is the largest number of each type that you use? Compare it with the largest sum."),
)  # fmt: skip

_NUMBERS = (
    Name("scaled", "A multiple of the right answer",
         "Divide your C by the right one. Where does that number appear in your code, or how often is a loop run?"),
    Name("absolute-values", "Signs are lost",
         "Try A = [[-1]] and B = [[1]]."),
    Name("zeros-skipped", "Zeros are skipped",
         "What is 0 times infinity? Ask Python: 0.0 * float('inf')."),
    Name("nan-hidden", "NaN or infinity is replaced",
         "Look for nan_to_num, maximum, where and comparisons: what do they make of NaN?"),
    Name("nan-skipped", "NaN or infinity does not arrive",
         "Look for branches that skip work, for maximum and where, and for fastmath. What do they make of NaN?"),
)  # fmt: skip

_EPILOGUE = (
    Name("epilogue-missing", "What follows the product is missing",
         "Read the statement's formula from the inside out, and find the line of yours for each operation."),
    Name("relu-before-bias", "ReLU comes before the bias",
         "Take a product of -1 and a bias of 3: what should come out, and what do you get?"),
    Name("relu-every-step", "ReLU is applied at every step over K",
         "Is ReLU(x) + ReLU(y) the same as ReLU(x + y)? Try x = -1 and y = 2."),
    Name("bias-every-step", "The bias is added once per step over K",
         "Count how often the line with the bias runs for one element of C."),
    Name("bias-per-row", "The bias is added to rows",
         "The bias has one element per column of C: which index do you use for it?"),
    Name("bias-wrong", "The bias is added wrongly",
         "Set A to zero: then C is ReLU(bias) in every row."),
)  # fmt: skip

_CONTRACT = (
    Name("contract", "The function cannot be called as the statement says",
         "Compare the `def` line with the one in the statement: name, parameters, and no indentation before it."),
    Name("no-return", "Nothing is returned",
         "Find the last line of the function: what does it hand back?"),
    Name("wrong-type", "Another type is returned",
         "Print type(result) just before you return it."),
    Name("wrong-shape", "The result has another shape",
         "Print the shapes of a, b and the result for M, N and K that all differ."),
    Name("wrong-dtype", "The result has another dtype",
         "Print the dtype of the array where it is made."),
    Name("wrong-answer", "Another value is expected",
         "Work the smallest example out on paper, with units, and compare each intermediate number."),
    Name("aliasing", "The result shares its memory with an operand",
         "Which line makes the memory of the result? A view or a slice makes none."),
    Name("reused-array", "Two calls return the same array",
         "Call the function twice and compare the first answer before and after the second call."),
    Name("mutates-input", "An operand is changed",
         "Copy the operands before the call and compare them with the originals afterwards."),
    Name("policy", "A library does the exercise's work",
         "Which line computes the product? In this exercise that line has to be yours."),
    Name("size-assumed", "A size is assumed where a constant stands for it",
         "Change the size constants one at a time to 3. Which line still believes in the old number?"),
)  # fmt: skip

_TECHNIQUE = (
    Name("too-many-lines", "Too many cache lines are moved",
         "Which index does the innermost loop advance, and how far apart in memory are two steps of it, for "
         "each array?"),
    Name("size-constant-unused", "A size constant changes nothing",
         "Search the file for the constant's name. Where is the number written out instead?"),
    Name("scalar-arithmetic", "The hot loop has no vector arithmetic",
         "Which of the two is in the way: an index that may be negative, or a sum whose order is fixed?"),
    Name("too-many-loads", "Too many loads for each FLOP",
         "Count, for one step of the innermost loop: how many numbers are loaded, and in how many products "
         "each is used."),
    Name("register-spills", "Sums do not fit into the registers",
         "How many vectors does the block of sums need, and how many vector registers are there?"),
    Name("too-many-pages", "Too many pages are touched",
         "Walk through one panel by hand: how many different rows of the operand are touched before the first "
         "one comes again?"),
    Name("iterations-uneven", "The iterations of prange share the work badly",
         "How many iterations does your prange have for a matrix of 64 x 64, and how much does the largest one do?"),
    Name("too-many-bytes", "A kernel loads more bytes than its tiles need",
         "For one program: which elements of A and of B does it need, and how often does it load each?"),
    Name("no-tl-dot", "The product is not computed by tl.dot",
         "Which operation of your kernel multiplies a tile by a tile in one step?"),
    Name("scattered-lanes", "Lanes of a warp touch sectors far apart",
         "Write down the addresses of lanes 0, 1 and 2 of one load. How many bytes are between them?"),
    Name("work-not-divided", "The programs do not share the work",
         "Print the grid. How many programs are there, and which elements of C does each of them store?"),
    Name("stored-between", "An intermediate result goes through memory",
         "Which tensors are stored by one kernel and loaded by another one, or later by the same one?"),
    Name("not-countable", "The file cannot be run where it is counted",
         "Run the file with NUMBA_DISABLE_JIT=1. The line that fails is the one that only compiled code understands."),
)  # fmt: skip

_TROUBLE = (
    Name("exception", "An exception",
         "Read the last line of the trace first, then print the values that this line uses."),
    Name("not-finished", "A part is still to be written",
         "Search the file for NotImplementedError; one of your branches still ends there."),
    Name("types-mixed", "Numba cannot give a variable one type",
         "Call the function without @njit first; then look at the line that numba quotes, one name at a time."),
    Name("index-past-the-end", "An index past the end",
         "Print the index and the shape just before the line; look at the last, partial tile."),
    Name("shapes-do-not-match", "Arrays of different shapes are combined",
         "Print both shapes just before the line; look at the last, partial tile."),
    Name("division-by-zero", "A division by zero",
         "Which of M, N and K can be 0, and which number of yours is 0 then?"),
    Name("unknown-name", "A name that is not defined",
         "Compare the spelling with the line that should define it."),
    Name("missing-module", "A module that is not here",
         "Which of the imports does the exercise need? It came with all of them."),
    Name("recursion", "A function calls itself without end",
         "Which call makes the problem smaller, and at which size does it stop?"),
    Name("exit", "The file ends the program",
         "Look for exit, sys.exit and os._exit."),
    Name("crash", "The process died",
         "Compiled code checks no index. Run the function with NUMBA_DISABLE_JIT=1, and the index gets a name."),
    Name("timeout", "No answer in time",
         "Print the loop variable once per turn of the outer loop: does it reach its end?"),
    Name("memory", "Too much memory",
         "Print the shape of every array that you make; none needs to be larger than A, B or C."),
    Name("disk", "Too much is written to disk",
         "Look for what opens or saves a file; an exercise needs none."),
    Name("output-flood", "Too much output",
         "Move the print out of the inner loops, or let it speak for one element only."),
    Name("load-error", "The file cannot be loaded",
         "Run python on the file itself; the first line that it complains about is the one to look at."),
    Name("no-answer", "The process gave no usable answer",
         "Undo your last change to what the file does beside computing: threads, signals, pipes."),
    Name("not-tried", "Not tried",
         "See to the case that is named first; this one waits for it."),
    Name("out-of-bounds", "An access outside of an array",
         "Print the smallest and largest index of that access in the last tile, and the size of the axis."),
    Name("undefined-load", "A value that no lane has loaded",
         "What does a lane hold whose mask is off? Read the documentation of tl.load."),
    Name("race", "Two writers of the same place",
         "Write down which programs or threads store to one element of C. There may be only one."),
    Name("unknown", "No known cause",
         "Take the smallest case that fails, and look at the map: which rows, which columns, which tiles?"),
)  # fmt: skip

NAMES: Mapping[str, Name] = {
    name.slug: name
    for group in (_TERMS, _READING, _PLACES, _MEMORY, _BITS, _NUMBERS, _EPILOGUE, _CONTRACT, _TECHNIQUE, _TROUBLE)
    for name in group
}
"""Every name, by its slug."""

LOST_BITS = frozenset(name.slug for name in _BITS) - {"tiny-flushed", "overflow"}
"""Names of mistakes that lose precision: the logic is right."""


def name_of(slug: str) -> Name:
    """The name for a slug; the one for "unknown" where a mistake has none."""
    return NAMES.get(slug, NAMES["unknown"])
