"""Kernels as other kernels call them: LLVM code only, made into machine code in the entry point that they end in.

Numba gives every function a Python wrapper, optimises it together with all that it calls and emits machine code for
the lot, although Python never calls it: a helper ten calls below the step was optimised and emitted ten times, which
was half of a cold start. Here a callee is typed and translated once; the entry point links everything below it,
optimises and emits it once. This leans on numba's inside, so it serves the releases that it was tested with.
"""

import sys
from functools import cache
from typing import Any

import numba
from numba.core import compiler
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

IS_TESTED = numba.__version__.startswith("0.68.")  # elsewhere numba's own way is taken, slower and with equal results


class _InnerLibrary(JITCodeLibrary):
    """LLVM code of one kernel, to be linked into others."""

    def finalize(self):
        self._finalized = True  # no linking, optimisation or machine code

    def _get_module_for_linking(self):
        """This kernel with everything below it."""
        if self._shared_module is None:
            module = self._final_module.clone()
            libraries = self._below()
            # Foreign code is linked only where something already asks for it, so our own comes first.
            for library in sorted(libraries, key=lambda library: not isinstance(library, _InnerLibrary)):
                is_inner = isinstance(library, _InnerLibrary)
                module.link_in(library._final_module if is_inner else library._get_module_for_linking(), preserve=True)
            for function in module.functions:
                if not function.is_declaration and function.linkage.name == "external":
                    function.linkage = "linkonce_odr"
            self._shared_module = module
        return self._shared_module

    def _below(self):
        """Libraries that this one needs, each once."""
        found = {}
        waiting = [self]
        while waiting:
            for library in waiting.pop()._linking_libraries:
                if library not in found:
                    found[library] = None
                    if isinstance(library, _InnerLibrary):
                        waiting.append(library)
        return list(found)


class _InnerFlags(compiler.Flags):
    """Compiler flags that compare fast: numba looks them up for every call that it types, a tenth of its time."""

    def __hash__(self):
        return len(self._values)

    def __eq__(self, other):
        return type(other) is _InnerFlags and self._values == other._values


class _InnerCompiler(compiler.Compiler):
    """Numba's compiler up to LLVM code."""

    def __init__(self, typingctx, targetctx, library, args, return_type, flags, local_types):
        # One set of flags for all, whose copies share their values: equal by identity of each.
        flags = _shared_flags(flags)
        super().__init__(typingctx, targetctx, library, args, return_type, flags, local_types)
        self.state.library = _InnerLibrary(targetctx.codegen(), "inner")

    def _compile_core(self):
        result = super()._compile_core()._replace(entry_point=object())  # callers look it up by this key
        self.state.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
        return result


def _shared_flags(flags):
    """The known flags equal to these, made `_InnerFlags` that stop at LLVM code."""
    for given, shared in _FLAGS:
        if given == flags:
            return shared
    shared = _InnerFlags(flags)
    shared.no_compile = shared.no_cpython_wrapper = shared.no_cfunc_wrapper = True
    _FLAGS.append((flags.copy(), shared))
    return shared


_FLAGS: list[tuple[Any, Any]] = []


class InnerDispatcher(CPUDispatcher):
    """Answers kernels that call a kernel; Python has another dispatcher of the same function."""

    def __init__(self, function, options):
        super().__init__(function, targetoptions=options, pipeline_class=_InnerCompiler)

    def compile(self, sig):
        """Key by which the code for these argument types is found."""
        with global_compiler_lock:
            result = self.overloads.get(sig)
            if result is None:
                _announce()
                result = self.overloads[sig] = self._compiler.compile(sig, None)
            return result.entry_point


@cache
def _announce() -> None:
    """Tell the user, once a process, what takes so long; with a filled cache nothing is compiled."""
    sys.stderr.write("airside_sim: compiling kernels, once (a minute or less)\n")
