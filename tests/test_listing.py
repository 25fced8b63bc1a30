"""The listing of a compiled kernel: widths, matrix instructions, source lines, stages; and how many blocks fit."""

import pytest

from mlsys_kernels.tracing.listing import (
    Access,
    Group,
    Instruction,
    Matrix,
    Stages,
    access,
    by_line,
    count_accesses,
    instructions,
    is_scalar_fma,
    matrix,
    stages,
    tensor_columns,
)
from mlsys_kernels.tracing.targets import TARGETS, Resident, resident

PTX = """//
.version 8.7
.target sm_90a
.visible .entry kernel(
	.param .u64 .ptr .global .align 1 kernel_param_0,
)
.reqntid 128
{
	.reg .pred 	%p<5>;
	.loc	1 44 0                          // tiled.py:44:0
$L__func_begin0:
	ld.param.b64 	%rd13, [kernel_param_0];
	.loc	1 54 29                         // tiled.py:54:29
	// begin inline asm
	cp.async.cg.shared.global [ %r14 + 0 ], [ %rd8 + 0 ], 0x10, %r15;
	// end inline asm
	cp.async.commit_group;
	@%p1 bra 	$L__BB0_1;
	.loc	2 91 11, function_name $L__info_string0, inlined_at 1 54 9 // standard.py:91:11 @[ tiled.py:54:9 ]
	wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%r1,%r2}, %rd1, %rd2, %p3, 1, 1, 0, 1;
	.loc	1 57 4                          // tiled.py:57:4
	@%p2 st.global.v4.b32 [ %rd38 + 0 ], { %r89, %r90, %r91, %r92 };
	@%p2 st.global.v4.b32 [ %rd38 + 16 ], { %r89, %r90, %r91, %r92 };
	.loc	1 0 4                           // tiled.py:0:4
	st.global.b32 [ %rd38 + 0 ], { %r89 };
	ret;
}
	.file	1 "/somewhere/tiled.py"
	.file	2 "/elsewhere/standard.py"
"""
AMD = """	.amdgcn_target "amdgcn-amd-amdhsa--gfx942"
	.file	1 "/somewhere" "tiled.py"
kernel:
	.loc	1 54 46 is_stmt 1               ; tiled.py:54:46
	buffer_load_dwordx4 v[0:3], v8, s[4:7], 0 offen ; 16 bytes
	v_mfma_f32_32x32x8_f16 v[0:15], v[16:17], v[18:19], v[0:15]
	s_waitcnt vmcnt(0)
	s_endpgm
	v_this_is_no_code v0
amdhsa.version:
  - 1
"""


def one(text: str) -> Instruction:
    return Instruction(None, text)


def test_every_instruction_of_ptx_is_found_with_its_line_and_without_its_predicate() -> None:
    assert [(each.line, each.opcode) for each in instructions(PTX, "tiled.py")] == [
        (44, "ld.param.b64"),
        (54, "cp.async.cg.shared.global"),
        (54, "cp.async.commit_group"),
        (54, "bra"),
        (54, "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16"),
        (57, "st.global.v4.b32"),
        (57, "st.global.v4.b32"),
        (None, "st.global.b32"),
        (None, "ret"),
    ]


def test_amd_code_ends_where_the_description_of_the_kernel_begins() -> None:
    assert [(each.line, each.opcode) for each in instructions(AMD, "tiled.py")] == [
        (54, "buffer_load_dwordx4"),
        (54, "v_mfma_f32_32x32x8_f16"),
        (54, "s_waitcnt"),
        (54, "s_endpgm"),
    ]


def test_lines_of_another_file_belong_to_no_line_of_this_one() -> None:
    assert {each.line for each in instructions(AMD, "other.py")} == {None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ld.global.v4.b32 { %r1, %r2, %r3, %r4 }, [ %rd1 + 0 ];", Access("global", "load", 16)),
        ("ld.global.L1::evict_last.v2.b32 { %r1, %r2 }, [ %rd1 + 0 ];", Access("global", "load", 8)),
        ("ld.global.b16 { %rs1 }, [ %rd1 + 0 ];", Access("global", "load", 2)),
        ("ld.global.b128 %rq1, [ %rd1 ];", Access("global", "load", 16)),
        ("ld.global.nc.v8.f32 { %r1 }, [ %rd1 ];", Access("global", "load", 32)),
        ("st.global.v4.b32 [ %rd1 + 0 ], { %r1, %r2, %r3, %r4 };", Access("global", "store", 16)),
        ("st.shared::cta.v4.b16 [%r1], {%rs1, %rs2, %rs3, %rs4};", Access("shared", "store", 8)),
        ("ld.local.b32 %r1, [%rd1];", Access("local", "load", 4)),
        ("atom.global.gpu.relaxed.add.f32 %r1, [ %rd1 + 0 ], %r2;", Access("global", "atomic", 4)),
        ("cp.async.cg.shared.global [ %r1 + 0 ], [ %rd1 + 0 ], 0x10, %r2;", Access("global", "load", 16, True)),
        ("cp.async.ca.shared.global [ %r1 + 0 ], [ %rd1 + 0 ], 0x4;", Access("global", "load", 4, True)),
        (
            "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r1], [%rd1, {%r2}], [%r3];",
            Access("global", "load", 0, True),
        ),
        (
            "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%rd1, {%r2, %r3}], [%r4];",
            Access("global", "store", 0, True),
        ),
        ("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%r1, %r2, %r3, %r4}, [%r5];", Access("shared", "load", 16)),
        ("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%r1], {%r2, %r3};", Access("shared", "store", 8)),
        ("ld.param.b64 %rd13, [kernel_param_0];", None),
        ("cp.async.wait_group 2;", None),
        ("bar.sync 0;", None),
        ("global_load_dwordx4 v[0:3], v[4:5], off", Access("global", "load", 16)),
        ("buffer_load_ushort v1, v2, s[4:7], 0 offen", Access("global", "load", 2)),
        ("global_load_short_d16_hi v1, v[2:3], off", Access("global", "load", 2)),
        ("buffer_store_dword v1, v2, s[4:7], 0 offen", Access("global", "store", 4)),
        ("ds_read_b128 v[0:3], v4", Access("shared", "load", 16)),
        ("ds_read2_b64 v[0:3], v4 offset1:1", Access("shared", "load", 16)),
        ("ds_write_b16_d16_hi v0, v1", Access("shared", "store", 2)),
        ("scratch_load_dword v0, off, s32", Access("local", "load", 4)),
        ("s_load_dwordx4 s[0:3], s[4:5], 0x0", None),
        ("ds_bpermute_b32 v0, v1, v2", None),
    ],
)
def test_the_width_of_an_access_is_bytes_per_lane(text: str, expected: Access | None) -> None:
    assert access(one(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {%r1}, %rd1;", Matrix("wgmma", "m64n128k16")),
        ("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 { %r1 };", Matrix("mma.sync", "m16n8k16")),
        ("tcgen05.mma.cta_group::1.kind::f16 [ %r1 + 0 ], %rd1, %rd2, %r2, %p1;", Matrix("tcgen05", "")),
        ("v_mfma_f32_16x16x16_f16 v[0:3], v[4:5], v[6:7], v[0:3]", Matrix("mfma", "16x16x16")),
        ("wgmma.wait_group.sync.aligned 0;", None),
        ("tcgen05.commit.cta_group::1.mbarrier::arrive::one.shared::cluster.b64 [%r1];", None),
        ("fma.rn.f32 %r1, %r2, %r3, %r4;", None),
    ],
)
def test_a_matrix_instruction_has_a_family_and_a_shape(text: str, expected: Matrix | None) -> None:
    assert matrix(one(text)) == expected


@pytest.mark.parametrize("text", ["fma.rn.f32 %r1, %r2, %r3, %r4;", "v_fmac_f32_e32 v0, v1, v2", "v_pk_fma_f32 v0"])
def test_a_multiply_add_of_one_lane_is_no_matrix_instruction(text: str) -> None:
    assert is_scalar_fma(one(text))


def test_accesses_are_counted_by_kind() -> None:
    assert count_accesses(instructions(PTX, "tiled.py")) == {
        Access("global", "load", 16, True): 1,
        Access("global", "store", 16): 2,
        Access("global", "store", 4): 1,
    }


def test_a_source_line_stands_beside_its_instructions() -> None:
    lines = by_line(instructions(PTX, "tiled.py"))

    assert list(lines) == [54, 57]
    assert lines[57] == (Group("st.global.v4.b32", 2, Access("global", "store", 16), None),)


def test_tensor_memory_is_counted_in_columns() -> None:
    text = "tcgen05.alloc.cta_group::1.sync.aligned.shared::cta.b32 [%r20], 128;"

    assert tensor_columns([one(text), one("ret;")]) == 128


def test_stages_are_the_buffers_with_one_more_axis_and_barriers_are_none() -> None:
    ttgir = """
    %a = ttg.local_alloc : () -> !ttg.memdesc<2x1xi64, #shared, #smem, mutable>
    %b = ttg.local_alloc : () -> !ttg.memdesc<3x64x32xf16, #shared1, #smem, mutable>
    %c = ttg.local_alloc : () -> !ttg.memdesc<3x32x64xbf16, #shared2, #smem, mutable>
    %d = ttg.local_alloc %acc : (tensor<64x64xf16, #blocked>) -> !ttg.memdesc<64x64xf16, #shared2, #smem>
    """
    assert stages(ttgir) == Stages(3, 2 * 64 * 32 * 2)
    assert stages("%0 = tt.load") is None


@pytest.mark.parametrize(
    ("target", "warps", "registers", "shared", "columns", "expected"),
    [
        ("sm_90", 4, 222, 98_304, 0, Resident(2, "registers")),  # 224 * 32 registers a warp: 2 in each quarter of 16 K
        ("sm_90", 4, 32, 98_304, 0, Resident(2, "shared memory")),  # 233,472 // (98,304 + 1,024)
        ("sm_90", 4, 32, 232_449, 0, Resident(0, "shared memory")),
        ("sm_80", 4, 32, 55_000, 0, Resident(2, "shared memory")),  # 167,936 // 56,024
        ("sm_90", 1, 16, 0, 0, Resident(32, "blocks")),
        ("sm_90", 8, 24, 0, 0, Resident(8, "threads")),
        ("sm_100", 4, 48, 24_592, 256, Resident(2, "tensor memory")),  # of 512 columns
        ("gfx942", 4, 202, 0, 0, Resident(2, "registers")),  # 512 // 208 wavefronts in each SIMD
        ("gfx942", 4, 64, 65_537, 0, Resident(0, "shared memory")),
    ],
)
def test_the_scarcest_resource_says_how_many_blocks_fit(
    target: str, warps: int, registers: int, shared: int, columns: int, expected: Resident
) -> None:
    found = resident(TARGETS[target], warps=warps, registers=registers, shared=shared, tensor_columns=columns)

    assert found == expected
