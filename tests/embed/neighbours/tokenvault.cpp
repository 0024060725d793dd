#include <cstdio>

int main() { return std::puts(CLI) < 0 ? 1 : 0; }
