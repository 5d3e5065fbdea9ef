"""Calling a compiled kernel through its address.

A parallel loop that calls its kernel by name makes Numba optimise and emit all of the kernel's code three times (loop
body, its wrapper, the function round it), after the serial entry point has done so too. Through an address the loop is
a few lines of machine code, whatever it runs.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


def compiled(kernel: Any, args: tuple[Any, ...]) -> Any:
    """Numba's compile result of a kernel for arguments like these."""
    signature = tuple(numba.typeof(arg) for arg in args)
    with _rare_collections():
        kernel.compile(signature)
    return kernel.overloads[signature]


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage less often: a compiler keeps most of what it makes; looking it over took a sixth of the time."""
    thresholds = gc.get_threshold()
    gc.set_threshold(50_000, 1_000, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def address_of(kernel: Any, args: tuple[Any, ...]) -> int:
    """Where the machine code of a kernel that returns nothing lies, for arguments like these."""
    result = compiled(kernel, args)
    return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)


@intrinsic
def call_at(typingctx, address, args):
    """Call the kernel at `address` with a tuple of arguments of the very types that it was compiled for."""

    def generate(context, builder, signature, values):
        arg_types = list(signature.args[1])
        function_type = context.call_conv.get_function_type(types.none, arg_types)
        function = builder.inttoptr(values[0], ir.PointerType(function_type))
        unpacked = cgutils.unpack_tuple(builder, values[1])
        status, _ = context.call_conv.call_function(builder, function, types.none, arg_types, unpacked)
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.none(address, args), generate
