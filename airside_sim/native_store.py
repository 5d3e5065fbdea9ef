"""Writing a frame past the cache.

A full bird's-eye view is 557 kB, a packed one 70 kB, and nobody reads it before the next envs have been stepped: stored
the usual way every line is first fetched, and it pushes the world's state out of the cache. Non-temporal stores do
neither (a frame took half the time of `memset` on an AMD EPYC). LLVM emits them from a store's metadata; a machine
without them stores as usual.
"""

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

LANES = 16  # bytes a store; numpy aligns every array so
ALIGNMENT = 16


@intrinsic
def _stream_bits(typingctx, out, k, word):
    """out[8 k : 8 k + 8] (u64) = 64 bytes of 0 or 255, one a bit of `word`: `np.unpackbits` order in memory."""

    def generate(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        byte, index = ir.IntType(8), ir.IntType(64)
        lanes, eight, order = ir.VectorType(byte, LANES), ir.VectorType(byte, 8), ir.VectorType(ir.IntType(32), LANES)
        first = builder.mul(args[1], ir.Constant(index, 64))
        base = builder.gep(builder.bitcast(array.data, ir.PointerType(byte)), [first])
        bit = ir.Constant(lanes, [1 << (7 - i % 8) for i in range(LANES)])
        source = builder.bitcast(args[2], eight)
        streamed = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])
        for start in range(0, 64, LANES):
            which = ir.Constant(order, [(start + i) // 8 for i in range(LANES)])
            spread = builder.shuffle_vector(source, ir.Constant(eight, ir.Undefined), which)
            pixels = builder.sext(builder.icmp_unsigned("==", builder.and_(spread, bit), bit), lanes)
            place = builder.gep(base, [ir.Constant(index, start)])
            store = builder.store(pixels, builder.bitcast(place, ir.PointerType(lanes)), align=ALIGNMENT)
            store.set_metadata("nontemporal", streamed)
        return context.get_dummy_value()

    return types.none(out, k, word), generate


@intrinsic
def _stream_pair(typingctx, out, k, first, second):
    """out[k] = first, out[k + 1] = second (u64); k is even."""

    def generate(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pair, index = ir.VectorType(ir.IntType(64), 2), ir.IntType(32)
        value = builder.insert_element(ir.Constant(pair, ir.Undefined), args[2], ir.Constant(index, 0))
        value = builder.insert_element(value, args[3], ir.Constant(index, 1))
        place = builder.bitcast(builder.gep(array.data, [args[1]]), ir.PointerType(pair))
        store = builder.store(value, place, align=ALIGNMENT)
        store.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(index, 1)]))
        return context.get_dummy_value()

    return types.none(out, k, first, second), generate


def _write_pair(out, k, first, second):
    """The same in plain Python."""
    out[k] = first
    out[k + 1] = second


def _write_bits(out, k, word):
    """The same in plain Python, for runs without the compiler."""
    for j in range(8):
        byte = (int(word) >> (8 * j)) & 255
        out[8 * k + j] = sum(255 << (8 * i) for i in range(8) if byte >> (7 - i) & 1)


stream_bits = _write_bits if numba.config.DISABLE_JIT else _stream_bits
stream_pair = _write_pair if numba.config.DISABLE_JIT else _stream_pair
