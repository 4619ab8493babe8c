"""The C API of packages (posenc/Runtime/Package.h) through ctypes, for tests."""

import ctypes
import os

import numpy as np

LIBRARY = os.path.join(os.path.dirname(os.environ["POSENC_BIN"]), "lib", "libposenc_runtime.so")
MAX_RANK = 16
TYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", None, "float32",
         "float64"]
HOST, DEVICE = 0, 1


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int), ("rank", ctypes.c_uint32),
                ("shape", ctypes.c_int64 * MAX_RANK), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("where", ctypes.c_int), ("allocation", ctypes.c_void_p)]

    @staticmethod
    def of(array):
        """A tensor on the array's memory, which it keeps."""
        tensor = Tensor(array.ctypes.data, TYPES.index(array.dtype.name), array.ndim)
        tensor.shape[:array.ndim] = array.shape
        tensor.array = array
        return tensor

    def numpy(self):
        """A copy of a tensor in host memory."""
        shape = list(self.shape[:self.rank])
        dtype = np.dtype(TYPES[self.dtype])
        size = int(np.prod(shape, dtype="i8")) * dtype.itemsize
        return np.frombuffer(ctypes.string_at(self.data, size), dtype).reshape(shape)


def open_library():
    library = ctypes.CDLL(LIBRARY)
    library.posenc_last_error.restype = ctypes.c_char_p
    for name in "posenc_package_unload", "posenc_device_close":
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.posenc_package_manifest.restype = ctypes.c_char_p
    library.posenc_package_manifest.argtypes = [ctypes.c_void_p]
    return library


class Error(Exception):
    pass


class Session:
    """A package and a device."""

    def __init__(self, path, target):
        self.library = open_library()
        self.package, self.device = ctypes.c_void_p(), ctypes.c_void_p()
        self.check(self.library.posenc_package_load(path.encode(), ctypes.byref(self.package)))
        self.check(self.library.posenc_device_open(target.encode(), None, ctypes.byref(self.device)))

    def close(self):
        self.library.posenc_device_close(self.device)
        self.library.posenc_package_unload(self.package)

    def check(self, status):
        if status:
            raise Error(self.library.posenc_last_error().decode())

    def call(self, entry, arguments, results, stream=None):
        """Arguments and results are tensors; those are filled in."""
        self.check(self.library.posenc_package_call(
            self.package, self.device, entry and entry.encode(), (Tensor * len(arguments))(*arguments),
            ctypes.c_uint32(len(arguments)), results, ctypes.c_uint32(len(results)), stream))

    def release(self, tensor):
        self.library.posenc_tensor_release(self.device, ctypes.byref(tensor))

    def to_device(self, array):
        memory = ctypes.c_void_p()
        self.check(self.library.posenc_alloc(self.device, ctypes.c_uint64(array.nbytes), ctypes.byref(memory)))
        self.check(self.library.posenc_copy(self.device, memory, ctypes.c_void_p(array.ctypes.data),
                                            ctypes.c_uint64(array.nbytes), None))
        tensor = Tensor.of(array)
        tensor.data, tensor.where = memory.value, DEVICE
        return tensor

    def from_device(self, tensor):
        shape = list(tensor.shape[:tensor.rank])
        array = np.empty(shape, TYPES[tensor.dtype])
        self.check(self.library.posenc_copy(self.device, ctypes.c_void_p(array.ctypes.data),
                                            ctypes.c_void_p(tensor.data), ctypes.c_uint64(array.nbytes), None))
        return array

    def free(self, tensor):
        self.check(self.library.posenc_free(self.device, ctypes.c_void_p(tensor.data)))
