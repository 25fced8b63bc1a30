"""The hot loop is found in assembly of two processors, and its arithmetic, memory and spills are counted."""

import re

import llvmlite.binding as llvm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsys_kernels.tracing.assembly import executed_flops, functions, hot_loop
from mlsys_kernels.tracing.loops import nest

# A loop over rows; in it a loop of vectors, then its scalar remainder.
VERSIONED = """
multiply:
# %bb.0:                                # %entry
	pushq	%rbp
	movq	72(%rsp), %rdx
.LBB0_1:                                # %row
	vbroadcastss	(%rsi), %ymm0
.LBB0_2:                                # %vector.body
	vmovups	(%rcx,%r8,4), %ymm1
	vfmadd231ps	(%rax,%r8,4), %ymm0, %ymm1 # ymm1 = (ymm0 * mem) + ymm1
	vmovups	%ymm1, (%rcx,%r8,4)
	addq	$8, %r8
	cmpq	%r8, %rdx
	jne	.LBB0_2
.LBB0_3:                                # %scalar
	vmovss	(%rcx,%r8,4), %xmm1
	vfmadd231ss	(%rax,%r8,4), %xmm0, %xmm1
	vmovss	%xmm1, (%rcx,%r8,4)
	incq	%r8
	cmpq	%r8, %rdi
	jne	.LBB0_3
# %bb.4:                                # %row.end
	decq	%r9
	jne	.LBB0_1
.LBB0_5:                                # %return
	popq	%rbp
	retq
"""

# A loop of vectors that only scales, then three nested loops that multiply one by one.
DECOY = """
multiply:
.LBB0_1:                                # %scale
	vmulps	(%rcx), %ymm0, %ymm1
	vmovups	%ymm1, (%rcx)
	jne	.LBB0_1
.LBB0_2:                                # %i
.LBB0_3:                                # %j
.LBB0_4:                                # %p
	vmovss	(%rax), %xmm1
	vmulss	(%rbx), %xmm1, %xmm1
	vaddss	%xmm1, %xmm2, %xmm2
	jne	.LBB0_4
# %bb.5:                                # %j.end
	jne	.LBB0_3
# %bb.6:                                # %i.end
	jne	.LBB0_2
# %bb.7:                                # %end
	retq
"""

AARCH64_IR = """
define void @multiply(ptr noalias %a, ptr noalias %b, ptr noalias %c, i64 %n) {
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %sum = phi <4 x float> [ zeroinitializer, %entry ], [ %added, %body ]
  %pa = getelementptr float, ptr %a, i64 %i
  %pb = getelementptr float, ptr %b, i64 %i
  %x = load <4 x float>, ptr %pa
  %y = load <4 x float>, ptr %pb
  %added = call contract <4 x float> @llvm.fma.v4f32(<4 x float> %x, <4 x float> %y, <4 x float> %sum)
  %next = add i64 %i, 4
  %more = icmp ult i64 %next, %n
  br i1 %more, label %body, label %done
done:
  store <4 x float> %added, ptr %c
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
"""


def in_a_loop(*lines: str, before: str = "") -> str:
    """A function with one loop of these instructions of x86-64."""
    return "\n".join(["f:", f"\t{before}", ".LBB0_1:", *(f"\t{line}" for line in lines), "\tjne .LBB0_1", "\tretq"])


def compiled_for(triple: str) -> str:
    """The loop of AARCH64_IR as LLVM compiles it."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=3)
    machine.set_asm_verbosity(True)
    return machine.emit_assembly(llvm.parse_assembly(AARCH64_IR))


def test_beside_its_scalar_remainder_the_loop_of_vectors_is_the_hot_one() -> None:
    hot = hot_loop(VERSIONED)

    assert hot is not None
    assert (hot.function, hot.depth, hot.packed, hot.lanes, hot.fused) == ("multiply", 2, True, 8, True)
    assert (hot.flops, hot.operations, hot.loads, hot.stores) == (16, 2, 2, 1)
    assert (hot.loads_per_flop, hot.stores_per_flop, hot.spills_per_flop) == (1.0, 0.5, 0.0)
    assert hot.text.splitlines()[:2] == [".LBB0_2:", "    vmovups (%rcx,%r8,4), %ymm1"]


def test_counted_the_hot_loop_is_the_one_that_did_most_flops() -> None:
    ran = {("multiply", "vector.body"): 2, ("multiply", "scalar"): 17}

    hot = hot_loop(VERSIONED, ran)

    assert hot is not None
    assert (hot.packed, hot.lanes, hot.executed) == (False, 1, 34)
    assert executed_flops(VERSIONED, ran) == 34 + 32


def test_where_nothing_ran_there_is_no_hot_loop() -> None:
    assert hot_loop(VERSIONED, {}) is None
    assert executed_flops(VERSIONED, {}) == 0


def test_a_loop_of_vectors_that_does_not_do_the_product_is_no_hot_loop() -> None:
    hot = hot_loop(DECOY)

    assert hot is not None
    assert (hot.depth, hot.packed, hot.fused, hot.loads) == (3, False, False, 2)


def test_between_two_nests_of_the_same_depth_the_scalar_one_is_reported() -> None:
    other = "other:\n.LBB1_1:\n\tvmulss (%rax), %xmm0, %xmm0\n\tvaddss %xmm0, %xmm1, %xmm1\n\tjne .LBB1_1\n\tretq\n"

    hot = hot_loop(in_a_loop("vfmadd231ps (%rax), %ymm0, %ymm1") + "\n" + other)

    assert hot is not None
    assert (hot.function, hot.packed) == ("other", False)


def test_a_loop_that_only_adds_or_only_moves_is_no_product() -> None:
    assert hot_loop(in_a_loop("vaddps (%rax), %ymm0, %ymm0")) is None
    assert hot_loop(in_a_loop("vmovups (%rax), %ymm0", "vmovups %ymm0, (%rcx)")) is None
    assert hot_loop("f:\n\tvmulps %ymm0, %ymm1, %ymm2\n\tretq\n") is None


def test_vectors_that_are_added_up_one_by_one_are_not_packed() -> None:
    hot = hot_loop(in_a_loop("vmulps (%rax), %ymm0, %ymm1", *["vaddss %xmm1, %xmm2, %xmm2"] * 8))

    assert hot is not None
    assert (hot.packed, hot.flops) == (False, 16)


def test_vectors_of_float64_are_packed_and_say_how_wide_a_number_is() -> None:
    hot = hot_loop(in_a_loop("vfmadd231pd (%rax), %ymm0, %ymm1"))

    assert hot is not None
    assert (hot.packed, hot.lanes, hot.bits) == (True, 4, 64)


@pytest.mark.parametrize(
    ("line", "loads", "stores"),
    [
        ("vbroadcastss 4(%rax), %ymm3", 1, 0),
        ("vmovups %ymm3, (%rax,%rbx,4)", 0, 1),
        ("vextractf128 $1, %ymm3, (%rax)", 0, 1),
        ("vgatherqps %xmm4, (%rax,%ymm2,4), %xmm3", 4, 0),
        ("addq %rcx, (%rax)", 1, 1),
        ("incq (%rax)", 1, 1),
        ("cmpq %rcx, (%rax)", 1, 0),
        ("cmpq $0, 8(%rax)", 1, 0),
        ("imulq 8(%rax), %rcx", 1, 0),
        ("leaq (%rax,%rcx,4), %rdx", 0, 0),
        ("prefetcht0 64(%rax)", 0, 0),
    ],
)
def test_each_access_counts_once(line: str, loads: int, stores: int) -> None:
    hot = hot_loop(in_a_loop("vfmadd231ps %ymm0, %ymm1, %ymm2", line))

    assert hot is not None
    assert (hot.loads, hot.stores, hot.vector_spills, hot.integer_spills) == (loads, stores, 0, 0)


def test_what_is_on_the_stack_is_a_spill_of_a_vector_or_of_an_integer() -> None:
    reloaded = ("vmovups 64(%rsp), %ymm0", "vfmadd231ps -32(%rsp), %ymm0, %ymm1", "vmovups %ymm1, 64(%rsp)")
    hot = hot_loop(in_a_loop(*reloaded, "movq 216(%rsp), %rax", "cmpq $0, 64(%rsp)"))

    assert hot is not None
    assert (hot.loads, hot.stores, hot.vector_spills, hot.integer_spills) == (0, 0, 3, 2)
    assert hot.spills_per_flop == 2.5


def test_the_frame_pointer_leads_to_the_stack_only_where_it_is_one() -> None:
    lines = ("vmovups 64(%rbp), %ymm0", "vfmadd231ps %ymm0, %ymm1, %ymm2")
    frame, pointer = hot_loop(in_a_loop(*lines, before="movq %rsp, %rbp")), hot_loop(in_a_loop(*lines))

    assert frame is not None
    assert pointer is not None
    assert (frame.vector_spills, frame.loads) == (1, 0)
    assert (pointer.vector_spills, pointer.loads) == (0, 1)


def test_calls_in_the_loop_are_counted() -> None:
    hot = hot_loop(in_a_loop("vmulss (%rax), %xmm0, %xmm0", "callq *%rbx", "callq fmaf"))

    assert hot is not None
    assert hot.calls == 2


def test_a_block_that_never_ran_does_not_count() -> None:
    asm = """
f:
.LBB0_1:                                # %body
	vfmadd231ps	(%rax), %ymm0, %ymm1
	jge	.LBB0_3
# %bb.2:                                # %negative.index
	movq	(%rsp), %rax
.LBB0_3:                                # %next
	jne	.LBB0_1
	retq
"""
    ran = {("f", "body"): 9, ("f", "negative.index"): 0, ("f", "next"): 9}
    hot, guessed = hot_loop(asm, ran), hot_loop(asm)

    assert hot is not None
    assert guessed is not None
    assert (hot.integer_spills, guessed.integer_spills) == (0, 1)


@pytest.mark.parametrize("triple", ["aarch64-unknown-linux-gnu", "arm64-apple-macosx14.0"])
def test_neon_is_read_in_both_of_its_spellings(triple: str) -> None:
    asm = compiled_for(triple)

    hot = hot_loop(asm)

    assert hot is not None
    assert (hot.packed, hot.lanes, hot.bits, hot.fused, hot.depth) == (True, 4, 32, True, 1)
    assert (hot.flops, hot.operations, hot.loads, hot.stores, hot.integer_spills) == (8, 2, 2, 0, 0)
    ran = {(hot.function, "body"): 5}
    counted = hot_loop(asm, ran)
    assert counted is not None
    assert counted.executed == 40


def test_pairs_and_spills_of_aarch64_are_counted_register_by_register() -> None:
    asm = """
multiply:                               // @multiply
// %bb.0:                               // %entry
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
.LBB0_1:                                // %body
	ldp	q0, q1, [x8], #32
	ld1	{ v2.4s, v3.4s }, [x9]
	ldr	q4, [sp, #16]                   // 16-byte Reload
	ldr	x10, [x29, #24]
	fmla	v5.4s, v0.4s, v2.s[1]
	fmul	v6.4s, v1.4s, v3.4s
	fmadd	s7, s0, s1, s7
	str	q5, [x11]
	subs	x12, x12, #8
	b.ne	.LBB0_1
// %bb.2:
	ret
"""
    hot = hot_loop(asm)

    assert hot is not None
    assert (hot.loads, hot.stores, hot.vector_spills, hot.integer_spills) == (4, 1, 1, 1)
    assert (hot.flops, hot.operations, hot.packed) == (8 + 4 + 2, 2 + 1 + 2, False)


def test_a_loop_through_a_table_of_jumps_is_found() -> None:
    asm = """
f:
.LBB0_1:
	jmpq	*.LJTI0_0(,%rax,8)
.LBB0_2:
	vmulss	(%rcx), %xmm0, %xmm0
	jmp	.LBB0_1
.LBB0_3:
	retq
.LJTI0_0:
	.quad	.LBB0_2
	.quad	.LBB0_3
"""
    hot = hot_loop(asm)

    assert hot is not None
    assert hot.depth == 1


def test_loops_are_nested_by_their_first_blocks() -> None:
    #          0 -> 1 -> 2 <-> 3, 3 -> 1, 1 -> 4
    loops = nest([[1], [2, 4], [3], [2, 1], []])

    assert loops == [(0, -1, [0, 4]), (1, -1, [1]), (2, 1, [2, 3])]


def test_a_loop_with_two_entries_is_left_alone() -> None:
    assert nest([[1, 2], [2], [1]]) == [(0, -1, [0, 1, 2])]
    assert nest([]) == [(0, -1, [])]


LINES = [line for text in (VERSIONED, DECOY) for line in text.splitlines()]


@given(st.text() | st.lists(st.sampled_from(LINES) | st.text(max_size=20)).map("\n".join))
def test_no_text_makes_it_raise(text: str) -> None:
    for executed in (None, dict.fromkeys(((each.name, "p") for each in functions(text)), 3)):
        hot = hot_loop(text, executed)

        assert hot is None or (hot.operations > 0 and re.search("mul|add", hot.text))


@pytest.mark.parametrize("text", ["", "\n", "Traceback (most recent call last):\n  File x\nKeyError: 3\n", "\x00\tmov"])
def test_what_is_no_assembly_has_no_hot_loop(text: str) -> None:
    assert hot_loop(text) is None
