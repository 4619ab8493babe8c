"""A kernel of one instruction and its launch, on words of memory."""

from dataclasses import dataclass, field

import numpy as np

from cuda_suite import program as base

CDNA = ("gfx90a", "gfx942", "gfx950")
RDNA = ("gfx1100", "gfx1201")
ALL = CDNA + RDNA


class Kernel(base.Kernel):
    def vector(self, words, kind):
        """The words, i32 values, as a value of another type."""
        if len(words) == 1:
            return words[0] if kind == "i32" else self.cast(words[0], "i32", kind)
        own = f"vector<{len(words)}xi32>"
        value = self.value(f"vector.from_elements {', '.join(words)} : {own}")
        return value if kind == own else self.cast(value, own, kind)

    def row(self, argument, kind):
        """The lane's row of an argument as a value."""
        return self.vector(self.registers(argument), kind)

    def words(self, value, kind, count):
        """The i32 values that a value consists of."""
        own = f"vector<{count}xi32>" if count > 1 else "i32"
        if kind != own:
            value = self.cast(value, kind, own)
        if count == 1:
            return [value]
        return [self.value(f"vector.extract {value}[{i}] : i32 from {own}") for i in range(count)]

    def store_row(self, value, kind, argument):
        for i, word in enumerate(self.words(value, kind, self.arrays[argument].shape[1])):
            self.store(word, argument, self.lane, i)

    def flag(self, value):
        return self.value(f"arith.constant {str(value).lower()}")


@dataclass
class Program(base.Program):
    chips: tuple = ALL
    #: what the chip's assembly must contain, by start of the chip's name ("" for all)
    mnemonics: dict = field(default_factory=dict)

    def kernel(self):
        body = Kernel(self.arrays)
        self.build(body, self)
        arguments = ", ".join(f"%arg{i}: memref<{base.shape_of(a)}>" for i, a in enumerate(self.arrays))
        lines = []
        if self.shared_bytes:
            lines.append(f"llvm.mlir.global internal @{self.memory}() {{addr_space = 3 : i32, "
                         f"alignment = 16 : i64}} : !llvm.array<{self.shared_bytes} x i8>")
        lines.append(f"gpu.func @{self.name}_kernel({arguments}) kernel {{")
        lines += ["  " + line for line in body.lines + ["gpu.return"]]
        return "\n".join(lines + ["}"])

    def mnemonic(self, chip):
        for start, text in self.mnemonics.items():
            if chip.startswith(start):
                return text
        return None


def combined(programs):
    """One module whose @main launches all kernels; its inputs and results in order."""
    inputs = [a for p in programs for a in p.inputs]
    expected = [a for p in programs for a in p.expected]
    kinds = [base.shape_of(a) for a in inputs], [base.shape_of(a) for a in expected]
    lines = ["module attributes {gpu.container_module} {", "gpu.module @suite {"]
    lines += [p.kernel() for p in programs] + ["}"]
    arguments = ", ".join(f"%in{i}: tensor<{k}>" for i, k in enumerate(kinds[0]))
    lines += [f"func.func @main({arguments}) -> ({', '.join(f'tensor<{k}>' for k in kinds[1])}) {{",
              "  %one = arith.constant 1 : index"]
    lines += [f"  %threads{n} = arith.constant {n} : index" for n in sorted({p.threads for p in programs})]
    lines += [f"  %b{i} = bufferization.to_buffer %in{i} : tensor<{k}> to memref<{k}>" for i, k in enumerate(kinds[0])]
    lines += [f"  %r{i} = memref.alloc() : memref<{k}>" for i, k in enumerate(kinds[1])]
    lines += launches(programs)
    lines += [f"  %t{i} = bufferization.to_tensor %r{i} restrict : memref<{k}> to tensor<{k}>"
              for i, k in enumerate(kinds[1])]
    results = ", ".join(f"%t{i}" for i in range(len(expected)))
    lines += [f"  return {results} : {', '.join(f'tensor<{k}>' for k in kinds[1])}", "}", "}"]
    return "\n".join(lines) + "\n", inputs, expected


def launches(programs):
    lines, given, made = [], 0, 0
    for p in programs:
        names = [f"%b{given + i}" for i in range(len(p.inputs))] + [f"%r{made + i}" for i in range(len(p.expected))]
        given, made = given + len(p.inputs), made + len(p.expected)
        passed = ", ".join(f"{n} : memref<{base.shape_of(a)}>" for n, a in zip(names, p.arrays))
        lines.append(f"  gpu.launch_func @suite::@{p.name}_kernel blocks in (%one, %one, %one) "
                     f"threads in (%threads{p.threads}, %one, %one) args({passed})")
    return lines


def words_of(array):
    """The bits of an array [lanes, n] as int32 [lanes, m]."""
    return np.ascontiguousarray(array).view(np.int32)
