// Nothing: libFuzzer brings main(), and a program needs a source.
