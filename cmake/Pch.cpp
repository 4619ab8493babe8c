// Owns the precompiled header; see AddPosEnc.cmake.
