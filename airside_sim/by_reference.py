"""`by_reference`: NamedTuples of arrays that kernels receive as one pointer instead of hundreds of values.

Numba passes a NamedTuple by value, which takes a map bank of 106 arrays (about 750 machine words) through every call
and unpacks it in every function's Python wrapper: three nested functions that touched two fields took 40 s to compile
and 44 us to call. Here an instance carries a table of its fields in Numba's own array layout, built once; kernels get
the table's address, and `w.ego` reads one entry. Python code still sees an ordinary NamedTuple.
"""

import hashlib
from functools import cached_property
from typing import TypeVar

import numpy as np
from llvmlite import ir
from numba import config, typeof
from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, intrinsic, models, register_model, typeof_impl, unbox

T = TypeVar("T", bound=type)


class RefType(types.Type):
    """Numba type of a pointer to the field table of a registered NamedTuple."""

    def __init__(self, class_name, fields):
        self.fields = fields  # ((name, numba type), ...)
        digest = hashlib.sha256(repr(fields).encode()).hexdigest()[:12]
        super().__init__(name=f"{class_name}_{digest}")  # part of every symbol, so short

    def field(self, name: str):
        """(index, type) of a field, or None."""
        for index, (field_name, field_type) in enumerate(self.fields):
            if field_name == name:
                return index, field_type
        return None


@register_model(RefType)
class _RefModel(models.OpaqueModel):
    """An untyped pointer."""


def by_reference(cls: T) -> T:
    """Class decorator for a NamedTuple of arrays, floats and ints: kernels take its instances by reference.

    Returns a subclass of the same name whose instances can remember their table. The arrays must not be resized.
    """
    body = {
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__getstate__": lambda self: None,  # a copy or a pickle makes its own table
        "_table": cached_property(lambda self: np.concatenate([_words(v) for v in self])),
        "_address": cached_property(lambda self: self._table.ctypes.data),
        "_ref_type": cached_property(lambda self: RefType(cls.__name__, _typed_fields(self))),
    }
    named = type(cls.__name__, (cls,), body)
    named.__qualname__ = cls.__qualname__

    @typeof_impl.register(named)
    def _typeof(value, context):
        return value._ref_type

    return named


def _typed_fields(value):
    return tuple((name, _field_type(field)) for name, field in zip(value._fields, value, strict=True))


def _field_type(value):
    if isinstance(value, (np.ndarray, float)):
        return typeof(value)
    assert type(value) is int, type(value)
    return types.int64


def _words(value) -> np.ndarray:
    """A field as 64-bit words: Numba's array struct without an owner (the tuple owns it), or a scalar."""
    if isinstance(value, np.ndarray):
        return np.array([0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides], np.int64)
    return np.array([value], np.float64 if isinstance(value, float) else np.int64).view(np.int64)


@unbox(RefType)
def _unbox(ref, obj, c):
    address_object = c.pyapi.object_getattr_string(obj, "_address")
    address = c.pyapi.long_as_longlong(address_object)
    c.pyapi.decref(address_object)
    pointer = c.builder.inttoptr(address, cgutils.voidptr_t)
    return NativeValue(pointer, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class _RefAttributes(AttributeTemplate):
    key = RefType

    def generic_resolve(self, ref, attr):
        found = ref.field(attr)
        return found[1] if found else None


@lower_getattr_generic(RefType)
def _getattr(context, builder, ref, value, attr):
    index, field_type = ref.field(attr)
    struct = ir.LiteralStructType([context.get_value_type(t) for _, t in ref.fields])
    place = cgutils.gep_inbounds(builder, builder.bitcast(value, struct.as_pointer()), 0, index)
    value = builder.load(place)
    # Nothing writes a table, but LLVM cannot know: without this mark it loads the field again after every store.
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    if isinstance(field_type, types.Array):
        # The tuple owns the arrays: a constant null here lets all reference counting of a field fold away.
        for owner in (0, 1):
            value = builder.insert_value(value, context.get_constant_null(types.voidptr), owner)
    return impl_ret_borrowed(context, builder, field_type, value)


@intrinsic
def _ref_at(typingctx, like, address):
    """The NamedTuple whose field table lies at `address` (int64), of the very type of `like`."""

    def generate(context, builder, signature, values):
        return builder.inttoptr(values[1], cgutils.voidptr_t)

    return like(like, address), generate


def _known_at(like, address):
    """The same in plain Python, for runs without the compiler."""
    return _KNOWN[int(address)]


def address_for_kernels(instance) -> int:
    """Address by which `ref_at` finds an instance; whoever uses it keeps the instance alive."""
    if config.DISABLE_JIT:
        _KNOWN[instance._address] = instance
    return instance._address


_KNOWN: dict[int, object] = {}
ref_at = _known_at if config.DISABLE_JIT else _ref_at
