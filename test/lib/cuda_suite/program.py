"""A function that launches one kernel, as MLIR, with its inputs and results."""

from dataclasses import dataclass, field

import numpy as np

TYPES = {"int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64", "float32": "f32"}
LANES = 32


def shape_of(array):
    return "x".join(map(str, array.shape)) + "x" + TYPES[array.dtype.name]


class Kernel:
    """The body of a kernel, written op by op. Argument n is %argN."""

    def __init__(self, arrays):
        self.arrays = arrays
        self.lines = []
        self.constants = {}
        self.count = 0
        self.lane = self.value("gpu.thread_id x")
        self.lane32 = self.value(f"arith.index_cast {self.lane} : index to i32")

    def emit(self, text):
        self.lines.append(text)

    def value(self, text):
        self.count += 1
        self.emit(f"%v{self.count} = {text}")
        return f"%v{self.count}"

    def constant(self, value, kind="i32"):
        if (value, kind) not in self.constants:
            self.constants[value, kind] = self.value(f"arith.constant {value} : {kind}")
        return self.constants[value, kind]

    def indices(self, places):
        return ", ".join(p if isinstance(p, str) else self.constant(p, "index") for p in places)

    def load(self, argument, *places):
        """Element of an argument; places are constants or index values."""
        kind = shape_of(self.arrays[argument])
        return self.value(f"memref.load %arg{argument}[{self.indices(places)}] : memref<{kind}>")

    def store(self, value, argument, *places):
        kind = shape_of(self.arrays[argument])
        self.emit(f"memref.store {value}, %arg{argument}[{self.indices(places)}] : memref<{kind}>")

    def registers(self, argument):
        """What the lane's row of an argument holds."""
        return [self.load(argument, self.lane, i) for i in range(self.arrays[argument].shape[1])]

    def cast(self, value, source, target):
        return self.value(f"llvm.bitcast {value} : {source} to {target}")

    def shared(self, name):
        """Address of the shared buffer."""
        return self.value(f"llvm.mlir.addressof @{name} : !llvm.ptr<3>")

    def at(self, pointer, offset, space=3):
        """`offset` bytes after, as an i32 value or a constant."""
        offset = offset if isinstance(offset, str) else self.constant(offset)
        kind = f"!llvm.ptr<{space}>"
        return self.value(f"llvm.getelementptr {pointer}[{offset}] : ({kind}, i32) -> {kind}, i8")

    def global_pointer(self, argument):
        kind = shape_of(self.arrays[argument])
        index = self.value(f"memref.extract_aligned_pointer_as_index %arg{argument} : memref<{kind}> -> index")
        number = self.value(f"arith.index_cast {index} : index to i64")
        return self.value(f"llvm.inttoptr {number} : i64 to !llvm.ptr<1>")

    def add(self, a, b):
        return self.value(f"arith.addi {a}, {b} : i32")

    def mul(self, a, b):
        return self.value(f"arith.muli {a}, {b} : i32")

    def field(self, struct, kind, index):
        return self.value(f"llvm.extractvalue {struct}[{index}] : {kind}")


def zeros(*shape, dtype="int32"):
    return np.zeros(shape, dtype)


@dataclass
class Program:
    name: str
    inputs: list
    expected: list
    build: object  # called with a Kernel whose arguments are the inputs, then the results
    since: int = 80
    rtol: float = 0
    atol: float = 0
    threads: int = LANES
    shared_bytes: int = 0
    arrays: list = field(init=False)

    def __post_init__(self):
        self.inputs = [np.ascontiguousarray(a) for a in self.inputs]
        self.expected = [np.ascontiguousarray(a) for a in self.expected]
        self.arrays = self.inputs + self.expected

    @property
    def memory(self):
        """Name of the buffer in shared memory."""
        return self.name + "_memory"

    def kernel(self):
        body = Kernel(self.arrays)
        self.build(body, self)
        arguments = ", ".join(f"%arg{i}: memref<{shape_of(a)}>" for i, a in enumerate(self.arrays))
        lines = [f"gpu.module @{self.name}_module {{"]
        if self.shared_bytes:
            lines.append(f"  llvm.mlir.global internal @{self.memory}() {{addr_space = 3 : i32, "
                         f"alignment = 16 : i64}} : !llvm.array<{self.shared_bytes} x i8>")
        lines.append(f"  gpu.func @{self.name}_kernel({arguments}) kernel {{")
        lines += ["    " + line for line in body.lines + ["gpu.return"]]
        return "\n".join(lines + ["  }", "}"])

    def function(self):
        inputs, results = map(shape_of, self.inputs), list(map(shape_of, self.expected))
        names = [f"%b{i}" for i in range(len(self.arrays))]
        arguments = ", ".join(f"%in{i}: tensor<{s}>" for i, s in enumerate(inputs))
        lines = [f"func.func @{self.name}({arguments}) -> ({', '.join(f'tensor<{s}>' for s in results)}) {{",
                 "  %one = arith.constant 1 : index",
                 f"  %threads = arith.constant {self.threads} : index"]
        for i, array in enumerate(self.arrays):
            kind = shape_of(array)
            lines.append(f"  {names[i]} = bufferization.to_buffer %in{i} : tensor<{kind}> to memref<{kind}>"
                         if i < len(self.inputs) else f"  {names[i]} = memref.alloc() : memref<{kind}>")
        passed = ", ".join(f"{n} : memref<{shape_of(a)}>" for n, a in zip(names, self.arrays))
        lines.append(f"  gpu.launch_func @{self.name}_module::@{self.name}_kernel blocks in (%one, %one, %one) "
                     f"threads in (%threads, %one, %one) args({passed})")
        outputs = names[len(self.inputs):]
        for name, kind in zip(outputs, results):
            lines.append(f"  {name}_tensor = bufferization.to_tensor {name} restrict : memref<{kind}> to tensor<{kind}>")
        lines.append(f"  return {', '.join(n + '_tensor' for n in outputs)} : "
                     f"{', '.join(f'tensor<{s}>' for s in results)}")
        return "\n".join(lines + ["}"])


def module(programs):
    """One module with these programs, a public function each."""
    parts = [text for p in programs for text in (p.kernel(), p.function())]
    return "\n".join(["module attributes {gpu.container_module} {", *parts, "}"]) + "\n"
